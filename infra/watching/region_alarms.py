"""The alarms of a region: what is wrong for all agents at once."""

from collections.abc import Iterable, Iterator

from functions.domain import metrics
from functions.domain.errors import ModelUnavailable, ReducedCapacity, StoreUnavailable
from infra.watching.alarms import Watch
from infra.watching.objectives import LEAST_FAULTS
from infra.watching.readings import REQUESTS, SERVER_ERRORS, Formula, aws, own

FAULT_PERCENT = 5
LEAST_REQUESTS = 20
OPEN_FOR = 3
"""Times five minutes: a circuit that opens and closes again has done its work."""
CAUSES = (
    Watch(
        name="models-down",
        section="models-down",
        says="Runs fail since no model answers.",
        reading=Formula(
            expression="FILL(unavailable, 0) + FILL(reduced, 0)",
            terms={
                "unavailable": own(metrics.ERRORS, error=ModelUnavailable.slug),
                "reduced": own(metrics.ERRORS, error=ReducedCapacity.slug),
            },
        ),
        above=LEAST_FAULTS - 1,
    ),
    Watch(
        name="store-down",
        section="store-down",
        says="Runs fail since DynamoDB cannot be reached.",
        reading=own(metrics.ERRORS, error=StoreUnavailable.slug),
        above=LEAST_FAULTS - 1,
    ),
)
IDENTITY_PROVIDER = Watch(
    name="identity-provider-down",
    section="identity-provider-down",
    says="Callers are refused since the identity provider's keys cannot be had.",
    reading=own(metrics.KEYS_UNAVAILABLE),
    above=0,
    minutes=1,
    periods=5,
    breaching=3,
)


def requests_fail(api: str, stage: str) -> Watch:
    terms = {"requests": aws(REQUESTS, api, stage), "faults": aws(SERVER_ERRORS, api, stage)}
    return Watch(
        name="requests-fail",
        section="gateway-faults",
        says="The API answers requests with 5xx.",
        reading=Formula(
            expression=f"IF(requests >= {LEAST_REQUESTS}, 100 * faults / requests, 0)", terms=terms
        ),
        above=FAULT_PERCENT,
        minutes=1,
        periods=5,
        breaching=3,
        silent=True,
    )


def circuits(models: Iterable[str]) -> Iterator[Watch]:
    for model in sorted(models):
        yield Watch(
            name=f"circuit-open-{model.replace(':', '-')}",
            section="circuit-open",
            says=f"{model}: This model fails, and others answer in its place.",
            reading=own(metrics.CIRCUIT_CHANGES, model=model, state="OPEN"),
            above=0,
            periods=OPEN_FOR,
        )
