"""A model id says how far a call may travel."""

import pytest

from infra.geography import foundation_model, is_profile, leaves

NOVA = "amazon.nova-lite-v1:0"


@pytest.mark.parametrize(
    ("model", "regions"),
    [
        (f"eu.{NOVA}", ["eu-central-1", "eu-west-1"]),
        (f"us.{NOVA}", ["us-east-1", "us-west-2"]),
        (f"us-gov.{NOVA}", ["us-gov-west-1"]),
        (f"jp.{NOVA}", ["ap-northeast-1", "ap-northeast-3"]),
        (f"au.{NOVA}", ["ap-southeast-2"]),
        (f"apac.{NOVA}", ["ap-south-1", "ap-southeast-1"]),
        (NOVA, ["eu-central-1"]),
    ],
)
def test_a_model_stays_in_the_regions_of_its_geography(model: str, regions: list[str]):
    assert leaves(model, regions) is None


@pytest.mark.parametrize(
    ("model", "regions"),
    [
        (f"global.{NOVA}", ["eu-central-1"]),
        (f"us.{NOVA}", ["eu-central-1"]),
        (f"us.{NOVA}", ["ca-central-1"]),
        (f"us.{NOVA}", ["us-gov-west-1"]),
        (f"us-gov.{NOVA}", ["us-east-1"]),
        (f"eu.{NOVA}", ["eu-central-1", "us-east-1"]),
        (f"jp.{NOVA}", ["ap-southeast-2"]),
    ],
)
def test_a_model_that_may_be_called_elsewhere_leaves(model: str, regions: list[str]):
    assert leaves(model, regions)


def test_only_a_prefix_of_a_geography_makes_a_profile():
    assert is_profile(f"eu.{NOVA}")
    assert not is_profile(NOVA)
    assert (foundation_model(f"eu.{NOVA}"), foundation_model(NOVA)) == (NOVA, NOVA)
