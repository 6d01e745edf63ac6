"""The types of the endpoint against botocore's own service model, which real clients follow."""

from typing import Any, get_args

import botocore.session
import pytest
from botocore.model import ServiceModel, StructureShape

from local.model.backends.scripted.script import StopReason
from local.model.converse import (
    ConverseRequest,
    InferenceConfig,
    JsonSchema,
    Tool,
    ToolChoice,
    ToolConfig,
    ToolSpec,
)
from local.model.errors import STATUS
from local.model.messages import (
    ContentBlock,
    Message,
    SystemBlock,
    ToolResult,
    ToolResultContent,
    ToolUse,
    Wire,
)

# Members that change nothing for a text model, so they are accepted and ignored.
IGNORED = {
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "effort",
    "modelId",
    "performanceConfig",
    "serviceTier",
    "strict",
    "type",
}


@pytest.fixture(scope="module")
def service() -> ServiceModel:
    model: ServiceModel = botocore.session.get_session().get_service_model("bedrock-runtime")
    return model


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("ContentBlock", ContentBlock),
        ("ConverseRequest", ConverseRequest),
        ("ConverseStreamRequest", ConverseRequest),
        ("InferenceConfiguration", InferenceConfig),
        ("JsonSchemaDefinition", JsonSchema),
        ("Message", Message),
        ("SystemContentBlock", SystemBlock),
        ("Tool", Tool),
        ("ToolChoice", ToolChoice),
        ("ToolConfiguration", ToolConfig),
        ("ToolResultBlock", ToolResult),
        ("ToolResultContentBlock", ToolResultContent),
        ("ToolSpecification", ToolSpec),
        ("ToolUseBlock", ToolUse),
    ],
)
def test_every_member_of_a_shape_is_known_or_ignored_on_purpose(
    service: ServiceModel, name: str, ours: type[Wire]
):
    shape: Any = service.shape_for(name)
    assert isinstance(shape, StructureShape)
    known = {field.alias for field in ours.model_fields.values()}
    assert known <= set(shape.members)
    assert set(shape.members) - known <= IGNORED


def test_the_statuses_are_those_of_the_service_model(service: ServiceModel):
    errors = {
        shape.name: shape.metadata["error"]["httpStatusCode"]
        for operation in ("Converse", "ConverseStream", "CountTokens")
        for shape in service.operation_model(operation).error_shapes
    }
    ours = dict(STATUS)
    assert ours.pop("UnknownOperationException") == 404
    assert ours.pop("ModelStreamErrorException") == 424
    assert ours == errors


def test_a_script_may_give_every_stop_reason(service: ServiceModel):
    shape: Any = service.shape_for("StopReason")
    assert set(get_args(StopReason)) == set(shape.enum)
