"""Every resource type has one of three kinds, and a type of none is an error."""

from pathlib import Path

import pytest

from local import kinds
from local.kinds import IGNORED, INTERPRETED
from local.provision import PROVISIONED, select
from local.template import TemplateError
from tests.unit.local.assemblies import only, res


def test_a_type_has_one_kind() -> None:
    for one, other in ((PROVISIONED, INTERPRETED), (PROVISIONED, IGNORED), (INTERPRETED, IGNORED)):
        assert not one.keys() & other.keys()


def test_whoever_interprets_a_type_exists() -> None:
    root = Path(kinds.__file__).parent.parent
    for reader in INTERPRETED.values():
        assert (root / reader.split()[0].rstrip(":")).is_file()


def test_a_type_of_no_kind_is_an_error_that_says_what_to_do() -> None:
    queue, stream = only(res("SQS::Queue")), only(res("Kinesis::Stream"))
    with pytest.raises(TemplateError) as error:
        kinds.check([queue, stream])
    text = str(error.value)
    assert "shop/It (AWS::Kinesis::Stream)" in text
    assert "AWS::SQS::Queue" not in text
    for kind in ("PROVISIONED", "INTERPRETED", "IGNORED"):
        assert kind in text


def test_a_property_of_unknown_effect_is_an_error() -> None:
    queue = only(res("SQS::Queue", DelaySeconds=1, QueueName="q", Magic=1))
    with pytest.raises(TemplateError, match=r"shop/It .* the property Magic"):
        select(queue, ("DelaySeconds",), ("QueueName",))
    queue = only(res("SQS::Queue", DelaySeconds=1, QueueName="q"))
    assert select(queue, ("DelaySeconds",), ("QueueName",)) == {"DelaySeconds": 1}
