"""Commands act on the zones of the stage that they are told."""

import pytest

from cli.calls import CannotCall
from cli.stage import owner, zone_named
from infra.stages import DEFAULT


def test_a_stage_has_zones_of_its_own() -> None:
    assert zone_named("eu", "dev").account != zone_named("eu", DEFAULT).account
    assert owner("eu-west-1", DEFAULT).name == "eu"


def test_what_a_stage_does_not_have_is_told() -> None:
    with pytest.raises(CannotCall, match="the stage dev has no zone 'mars'; it has: eu, us"):
        zone_named("mars", "dev")
    with pytest.raises(CannotCall, match=r"no zone owns the region 'eu-west-1'.*--stage"):
        owner("eu-west-1", "dev")
    with pytest.raises(CannotCall, match="no stage 'test'"):
        zone_named("eu", "test")
