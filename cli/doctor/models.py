"""Whether Bedrock lets this account ask the models that the zone lists, from this region."""

from collections.abc import Iterator

from cli.doctor.finding import Finding, error, fine
from cli.doctor.site import Site
from functions.domain.geography import foundation_model, is_profile

GRANTED = {
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}
ABSENT = "ResourceNotFoundException"


def models(site: Site) -> Iterator[Finding]:
    """One finding for each model of the zone."""
    for model in sorted(site.zone.models):
        yield _model(site, model)


def _model(site: Site, model: str) -> Finding:
    if is_profile(model) and not _profile_is_there(site, model):
        return error(
            f"model {model}",
            f"{site.region} has no such inference profile",
            f"take one that it has, in infra/{site.place.stage.zones}; "
            f"'aws bedrock list-inference-profiles --region {site.region}' lists them",
        )
    known = foundation_model(model)
    found = site.find("bedrock", "get_foundation_model_availability", ABSENT, modelId=known)
    lacking = _lacking(found) if found else ["the model is not known here"]
    if not lacking:
        return fine(f"model {model}", "granted")
    return error(
        f"model {model}",
        ", ".join(lacking),
        f"ask for access in the Bedrock console of {site.region}, under Model access; an account's"
        " first use of Anthropic's models needs the form about its use case",
    )


def _profile_is_there(site: Site, model: str) -> bool:
    found = site.find("bedrock", "get_inference_profile", ABSENT, inferenceProfileIdentifier=model)
    return bool(found and found["status"] == "ACTIVE")


def _lacking(found: dict[str, object]) -> list[str]:
    told = [f"{name}: {found.get(name)}" for name, good in GRANTED.items() if found[name] != good]
    agreement = found.get("agreementAvailability")
    status = agreement["status"] if isinstance(agreement, dict) else "NOT_AVAILABLE"
    return told if status == "AVAILABLE" else [*told, f"agreement: {status}"]
