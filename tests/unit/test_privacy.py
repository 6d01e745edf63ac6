"""Personal data goes to no model, and comes back only where the policy says so."""

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from functions.domain.agent import NOT_PERSONAL, Agent, Tools
from functions.domain.errors import PersonalDataFound, ScanFailed
from functions.domain.prompt import Prompt
from functions.pipeline import privacy
from functions.pipeline.run import pipeline
from tests import fakes

CARD = "4111 1111 1111 1111"
MAIL = "ada.lovelace@example.com"


class Passage(BaseModel):
    """What the repeating agent takes and gives."""

    word: str


def repeat(request: Passage, tools: Tools) -> Passage:
    return tools.ask(Prompt(system="Say it again.", question=request.word), Passage)


def repeating(**changes: Any) -> Any:
    """Finds an agent that says again what it was told."""
    return {"echo": Agent.of(fakes.manifest(max_input_bytes=2000, **changes), repeat)}.__getitem__


class Echoing(fakes.FakeModel):
    """Says again what it was told, as a model does that was asked to."""

    def ask(self, question: Any) -> Any:
        self.replies = [json.dumps({"word": question.prompt.question})]
        return super().ask(question)


def run(text: str, *, channel: str = "http", **policy: Any) -> tuple[Any, Echoing]:
    model = Echoing()
    agents = repeating(personal_data=policy)
    parts = fakes.parts(model=model, agents=agents)
    outcome = pipeline(parts)(fakes.run(input={"word": text}, channel=channel))
    return outcome, model


def told(model: Echoing) -> str:
    return model.questions[0].prompt.question


def test_a_model_sees_placeholders() -> None:
    _, model = run(f"write to {MAIL}")

    assert told(model) == "write to [EMAIL_ADDRESS_1]"


def test_a_caller_gets_back_what_the_policy_restores() -> None:
    restored, _ = run(f"write to {MAIL}", restored=["EMAIL_ADDRESS"])
    masked, _ = run(f"write to {MAIL}")

    assert restored.output == {"word": f"write to {MAIL}"}
    assert masked.output == {"word": "write to [EMAIL_ADDRESS_1]"}


def test_an_event_never_carries_what_was_masked() -> None:
    outcome, _ = run(f"write to {MAIL}", channel="event", restored=["EMAIL_ADDRESS"])

    assert MAIL not in outcome.model_dump_json()


def test_what_the_policy_allows_is_left_alone() -> None:
    outcome, model = run(f"write to {MAIL}", actions={"EMAIL_ADDRESS": "allow"})

    assert told(model) == f"write to {MAIL}"
    assert outcome.output == {"word": f"write to {MAIL}"}


def test_what_the_policy_refuses_ends_the_run_before_a_model_is_asked() -> None:
    model = Echoing()
    agents = repeating(personal_data={"actions": {"CREDIT_CARD": "refuse"}})

    with pytest.raises(PersonalDataFound, match="CREDIT_CARD") as caught:
        pipeline(fakes.parts(model=model, agents=agents))(fakes.run(input={"word": CARD}))
    assert model.questions == []
    assert "4111" not in caught.value.detail


def test_a_typed_placeholder_is_nobody_s() -> None:
    outcome, model = run(f"[EMAIL_ADDRESS_1] and {MAIL}", restored=["EMAIL_ADDRESS"])

    assert "[EMAIL_ADDRESS_1] and" not in told(model)
    assert outcome.output["word"] == f"[EMAIL_ADDRESS_1] and {MAIL}"


def test_the_cache_keeps_placeholders_and_serves_each_caller_their_own_data() -> None:
    books = fakes.FakeBooks()
    policy = {"personal_data": {"restored": ["EMAIL_ADDRESS"]}, "cache": {"ttl_seconds": 60}}
    parts = fakes.parts(
        model=Echoing(),
        books=books,
        cache=fakes.FakeCache(books),
        agents=repeating(**policy),
    )
    runs = pipeline(parts)

    first = runs(fakes.run(input={"word": f"write to {MAIL}"}))
    other = runs(fakes.run(input={"word": "write to bob@example.org"}))

    assert (first.cache, other.cache) == ("miss", "hit")
    assert other.output == {"word": "write to bob@example.org"}
    assert all(MAIL not in kept.text for kept in books.cached.values())


def test_a_broken_scan_refuses_the_run_and_tells_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(MAIL)

    monkeypatch.setattr(privacy, "mask", broken)

    with pytest.raises(ScanFailed, match="RuntimeError") as caught:
        run(MAIL)
    assert MAIL not in caught.value.detail
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_name_with_a_quote_cannot_break_out_of_its_string() -> None:
    text = 'write to "ada"@example.com or ada@example.com, she said "now"'
    outcome, _ = run(text, restored="all")

    assert outcome.output == {"word": text}


def test_an_id_of_the_caller_s_own_systems_is_passed_on_as_it_came() -> None:
    class Told(BaseModel):
        """A reply with an id that looks like a name."""

        product: Annotated[str, NOT_PERSONAL]
        author: str

    def tell(request: Passage, tools: Tools) -> Told:
        return Told(product="ada.lovelace@example.com", author="ada.lovelace@example.com")

    agents = {"echo": Agent.of(fakes.manifest(), tell)}.__getitem__

    outcome = pipeline(fakes.parts(agents=agents))(fakes.run())
    assert outcome.output == {"product": MAIL, "author": "[EMAIL_ADDRESS_1]"}


def secondly(detector: fakes.FakeDetector, **changes: Any) -> Any:
    """The pipeline of a zone with a second detector."""
    model = changes.setdefault("model", Echoing())
    agents = repeating(personal_data=changes.pop("personal_data", {}))
    return pipeline(fakes.parts(agents=agents, second_detector=detector, **changes)), model


def test_what_a_second_detector_finds_is_hidden_from_the_model_and_in_what_leaves() -> None:
    runs, model = secondly(fakes.FakeDetector())

    outcome = runs(fakes.run(input={"word": f"tell the tall one and {MAIL}"}))

    assert told(model) == "tell [PERSON_1] and [EMAIL_ADDRESS_1]"
    assert outcome.output == {"word": "tell [PERSON_1] and [EMAIL_ADDRESS_1]"}


def test_what_only_a_second_detector_finds_is_refused_even_if_no_model_would_be_asked() -> None:
    def keep_to_oneself(request: Passage, tools: Tools) -> Passage:
        return Passage(word="nothing")

    policy = {"actions": {"PERSON": "refuse"}}
    agents = {"echo": Agent.of(fakes.manifest(personal_data=policy), keep_to_oneself)}.__getitem__
    runs = pipeline(fakes.parts(agents=agents, second_detector=fakes.FakeDetector()))

    with pytest.raises(PersonalDataFound, match="PERSON"):
        runs(fakes.run(input={"word": "tell the tall one"}))


@pytest.mark.parametrize("error", [ScanFailed("throttled"), ValueError(MAIL)])
def test_a_second_detector_that_is_down_refuses_the_run_before_a_model_is_asked(
    error: Exception,
) -> None:
    runs, model = secondly(fakes.FakeDetector(error=error))

    with pytest.raises(ScanFailed) as caught:
        runs(fakes.run())
    assert model.questions == []
    assert MAIL not in caught.value.detail


def test_a_reply_that_a_second_detector_could_not_read_does_not_leave() -> None:
    class ReadsOnce(fakes.FakeDetector):
        def find(self, texts: Any) -> Any:
            if self.asked:
                self.error = ScanFailed("throttled")
            return super().find(texts)

    books = fakes.FakeBooks()
    runs, _ = secondly(ReadsOnce(), books=books)

    with pytest.raises(ScanFailed, match="throttled"):
        runs(fakes.run())
    assert len(books.lines) == 1, "the model was asked, so it is paid for"


def test_where_everything_may_pass_no_second_detector_is_asked() -> None:
    detector = fakes.FakeDetector()
    runs, _ = secondly(detector, personal_data={"default": "allow", "actions": {}})

    runs(fakes.run())

    assert detector.asked == []


def test_the_examples_of_a_prompt_are_not_sent_to_a_second_detector() -> None:
    def shown(request: Passage, tools: Tools) -> Passage:
        example = ("Is the tall one in?", '{"word": "the tall one"}')
        return tools.ask(Prompt(system="s", question=request.word, examples=(example,)), Passage)

    detector = fakes.FakeDetector()
    agents = {"echo": Agent.of(fakes.manifest(), shown)}.__getitem__
    pipeline(fakes.parts(agents=agents, model=Echoing(), second_detector=detector))(
        fakes.run(input={"word": "hello"})
    )

    assert detector.asked == [["hello"], ["word: hello"]]
