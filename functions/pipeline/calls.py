"""What every call of a model goes through, in one order, whichever agent makes it.

    cache → budget → models in turn → breaker → the provider, metered

They are the inner layers of a run: an agent may ask several times, and each time meets all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.domain import canonical
from functions.domain.agent import AgentManifest
from functions.domain.cache import CachedAnswer, CacheKey
from functions.domain.errors import ModelRefused, ModelUnavailable, OutOfTime, ReducedCapacity
from functions.domain.pricing import Price, PriceList
from functions.domain.run import CacheUse, ModelCall, Run
from functions.pipeline import gen_ai
from functions.pipeline.chain import chain
from functions.pipeline.ports import Answer, Books, Breaker, Cache, Model, Question
from functions.pipeline.stopwatch import Stopwatch

Ask = Callable[[Question], Answer]
CallStage = Callable[[Question, Ask], Answer]

PROVIDER_TOKENS = 1024
"""What a provider adds to a prompt of its own, such as how to keep to a schema; a safe excess."""
ATTEMPTS = 2
"""Of each model, before the next is tried."""
LONGEST_PAUSE_SECONDS = 2.0
SETTLING = timedelta(seconds=2)
"""Kept back from a model's time, so that what it cost can still be written down."""
WOULD_NOT = frozenset({"guardrail_intervened", "content_filtered"})
"""An answer that is none. The provider bills it like any other, so it is metered first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Governors:
    """What governs a call, besides the run and the agent's manifest."""

    model: Model
    allowed: frozenset[str]
    """The models that may see this zone's data."""
    cache: Cache
    books: Books
    breaker: Breaker
    prices: PriceList
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    random: Callable[[], float]
    """Evenly between 0 and 1."""


def governed(
    run: Run,
    manifest: AgentManifest,
    models: tuple[str, ...],
    by: Governors,
    stopwatch: Stopwatch,
) -> Ask:
    """The one way from a question to a model's answer."""
    return chain(
        {
            "cache": answer_from_cache(run, manifest, by.cache, by.now),
            "budget": keep_to_budget(run, models, by.books, by.prices),
            "fallback": fall_back(models, by),
            "breaker": break_circuit(run, by.breaker),
        },
        ending=traced(run, manifest, stopwatch, metered(run, by)),
        watch=lambda name, _: stopwatch.stage(name, run.meter),
    )


def answer_from_cache(
    run: Run, manifest: AgentManifest, cache: Cache, now: Callable[[], datetime]
) -> CallStage:
    """Use an answer again while it is fresh; use an old one only when every model has failed."""
    policy = manifest.cache

    def stage(question: Question, ask: Ask) -> Answer:
        if not policy.ttl_seconds:
            return ask(question)
        key = _key(run, manifest, question)
        found = cache.find(key) if run.cache_read else None
        if found and now() < found.fresh_until:
            return _again(run, found, "hit", now())
        run.meter.cache = "miss" if run.cache_read else "bypass"
        try:
            answer = ask(question)
        except ModelUnavailable:
            if found and now() < found.stale_until:
                return _again(run, found, "stale", now())
            raise
        # What another model said in its stead must not pass for this model's answer later.
        if run.cache_write and answer.model == question.model:
            run.meter.fresh_answers.append((key, _kept(answer, manifest, now())))
        return answer

    return stage


def keep_to_budget(run: Run, models: tuple[str, ...], books: Books, prices: PriceList) -> CallStage:
    """Promise what the call can cost at most, whichever model ends up answering."""

    def stage(question: Question, ask: Ask) -> Answer:
        tokens = _most_input_tokens(question)
        most = max(
            _price(prices, model, run).most(
                input_tokens=tokens, output_tokens=question.max_output_tokens
            )
            for model in models
        )
        run.meter.reservations.append(books.reserve(run, most))
        return ask(question)

    return stage


def fall_back(models: tuple[str, ...], by: Governors) -> CallStage:
    """Try the agent's models in their order, each a few times, for as long as there is time."""

    def stage(question: Question, ask: Ask) -> Answer:
        for model in models:
            _check_zone(model, by.allowed)
            for attempt in range(ATTEMPTS):
                _check_time(question, by.now())
                try:
                    return ask(replace(question, model=model, attempt=attempt + 1))
                except ModelUnavailable:
                    if attempt + 1 < ATTEMPTS:
                        # Full jitter: callers that failed together do not come back together.
                        by.pause(by.random() * min(LONGEST_PAUSE_SECONDS, 0.2 * 2**attempt))
        msg = "None of the agent's models can be reached at the moment; try again."
        raise ReducedCapacity(msg, retry_after_seconds=5)

    return stage


def break_circuit(run: Run, breaker: Breaker) -> CallStage:
    """Leave a model that is down alone until it may be up again."""

    def stage(question: Question, ask: Ask) -> Answer:
        run.meter.circuit = "open"

        def passed() -> Answer:
            run.meter.circuit = "passed"
            return ask(question)

        return breaker.guard(question.model, passed)

    return stage


def traced(run: Run, manifest: AgentManifest, stopwatch: Stopwatch, call: Ask) -> Ask:
    """A call in its span; what is said in it only if the agent's manifest wants that."""
    shown = manifest.telemetry.content

    def ending(question: Question) -> Answer:
        span_of_call = stopwatch.spans.span(f"chat {question.model}", kind="client")
        with span_of_call as span, stopwatch.alone("model", run.meter):
            span.note(gen_ai.asked(run, question))
            if shown:
                span.note(gen_ai.told(question))
            before = len(run.meter.calls)
            try:
                answer = call(question)
            finally:
                for made in run.meter.calls[before:]:
                    span.note(gen_ai.answered(made))
            if shown:
                span.note(gen_ai.said(answer))
            return answer

    return ending


def metered(run: Run, by: Governors) -> Ask:
    """The call itself. It is paid for from the moment the provider has answered."""

    def ending(question: Question) -> Answer:
        answer = by.model.ask(question)
        price = _price(by.prices, question.model, run)
        run.meter.add(
            ModelCall(
                model=question.model,
                answered_by=answer.answered_by,
                usage=answer.usage,
                cost_micro_usd=price.cost(answer.usage),
                latency_ms=answer.latency_ms,
                price_since=price.version,
                stop_reason=answer.stop_reason,
            )
        )
        if answer.stop_reason in WOULD_NOT:
            msg = f"The model {question.model} would not answer ({answer.stop_reason})."
            raise ModelRefused(msg)
        return answer

    return ending


def _price(prices: PriceList, model: str, run: Run) -> Price:
    """The model's price at the time of the run.

    Raises:
        ModelRefused: it has none, and nobody may ask what cannot be charged.
    """
    try:
        return prices.of(model, run.received_at)
    except LookupError:
        msg = f"The model {model} has no price here yet, so it may not be asked."
        raise ModelRefused(msg) from None


def _check_zone(model: str, allowed: frozenset[str]) -> None:
    """The synth has refused such a manifest; whoever got around it is refused here."""
    if model not in allowed:
        msg = f"The model {model} may not see the data of this zone."
        raise ModelRefused(msg)


def _check_time(question: Question, now: datetime) -> None:
    if now >= question.deadline - SETTLING:
        msg = "The run's time was over before a model could answer."
        raise OutOfTime(msg)


def _key(run: Run, manifest: AgentManifest, question: Question) -> CacheKey:
    told = [
        question.model,
        question.prompt.system,
        question.prompt.question,
        [list(pair) for pair in question.prompt.examples],
        question.schema,
        question.max_output_tokens,
        question.temperature,
        list(question.repair or ()),
    ]
    return CacheKey.of(team=run.team.name, agent=run.agent, version=manifest.version, question=told)


def _kept(answer: Answer, manifest: AgentManifest, now: datetime) -> CachedAnswer:
    fresh = now + timedelta(seconds=manifest.cache.ttl_seconds)
    return CachedAnswer(
        text=answer.text,
        model=answer.model,
        answered_by=answer.answered_by,
        made_at=now,
        fresh_until=fresh,
        stale_until=fresh + timedelta(seconds=manifest.cache.stale_seconds),
    )


def _again(run: Run, found: CachedAnswer, use: CacheUse, now: datetime) -> Answer:
    age = max(0, int((now - found.made_at).total_seconds()))
    run.meter.reuse(found, use=use, age_seconds=age)
    return Answer.again(found)


def _most_input_tokens(question: Question) -> int:
    """A token is at least one byte of text, whatever the tokenizer."""
    prompt = question.prompt
    texts = [prompt.system, prompt.question, *(text for pair in prompt.examples for text in pair)]
    texts += [canonical.write(question.schema), *(question.repair or ())]
    return sum(len(text.encode()) for text in texts) + PROVIDER_TOKENS
