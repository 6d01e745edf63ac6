"""What a zone may say of its audit trail."""

import pytest
from pydantic import ValidationError

from functions.domain.audit_policy import AuditPolicy
from functions.domain.zone import Zones
from infra.blueprint import ROOT

ZONES = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")
SECRET = "arn:aws:secretsmanager:{}:111122223333:secret:splunk/audit-a1B2c3"
HERE, THERE = SECRET.format("eu-central-1"), SECRET.format("eu-west-1")


def policy(text: str) -> AuditPolicy:
    """That of the zone ``eu``, with a table more."""
    return Zones.parse(f"{ZONES}\n{text}").zones["eu"].audit


def splunk(secrets: str, endpoint: str = "https://hec.example.com:8088") -> AuditPolicy:
    return policy(
        f'[zones.eu.audit.splunk]\nendpoint = "{endpoint}"\n'
        f"[zones.eu.audit.splunk.secrets]\n{secrets}"
    )


def test_a_year_and_a_month_without_a_lock_unless_said_otherwise():
    assert [zone.audit for zone in Zones.parse(ZONES).zones.values()] == [AuditPolicy()] * 2
    assert (AuditPolicy().retention_days, AuditPolicy().object_lock) == (400, "none")


def test_a_lock_has_one_of_amazon_s_modes():
    assert policy('[zones.eu.audit]\nobject_lock = "governance"').object_lock == "governance"
    with pytest.raises(ValidationError, match="'compliance'"):
        policy('[zones.eu.audit]\nobject_lock = "forever"')


def test_splunk_has_a_secret_in_each_region():
    found = splunk(f'eu-central-1 = "{HERE}"\neu-west-1 = "{THERE}"')
    assert found.splunk
    assert found.splunk.secrets["eu-west-1"] == THERE


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        (f'eu-central-1 = "{HERE}"', "each region of the zone"),
        (f'eu-central-1 = "{HERE}"\neu-west-1 = "{HERE}"', "eu-west-1 must be one of that region"),
        (f'eu-central-1 = "{HERE}"\neu-west-1 = "token"', "pattern"),
        (f'eu-central-1 = "{HERE}"\neu-west-1 = "{THERE[:-3]}*"', "pattern"),
    ],
)
def test_a_secret_of_another_region_or_a_token_itself_is_refused(secrets: str, says: str):
    with pytest.raises(ValidationError, match=says):
        splunk(secrets)


@pytest.mark.parametrize("endpoint", ["http://hec.example.com", "https://hec.example.com/services"])
def test_an_endpoint_is_https_and_has_no_path(endpoint: str):
    with pytest.raises(ValidationError, match="pattern"):
        splunk(f'eu-central-1 = "{HERE}"\neu-west-1 = "{THERE}"', endpoint)
