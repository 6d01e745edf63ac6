"""The right to export spans where the zone wants them, and to nothing else."""

from collections.abc import Iterator

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from functions.domain.span_export import SpanExport

RANDOM_ENDING = "-??????"
"""AWS ends the name of each secret with six characters of its own."""


def span_access(stack: Stack, export: SpanExport | None) -> Iterator[iam.PolicyStatement]:
    """The statements that let a role of this stack export spans."""
    if export and export.aws_region:
        # X-Ray has no resources to name. The endpoint's guide asks for the first action, the
        # service's own reference for the second.
        yield iam.PolicyStatement(
            actions=["xray:PutTraceSegments", "xray:PutSpans"], resources=["*"]
        )
    if export and export.headers_secret:
        secret = stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{export.headers_secret}{RANDOM_ENDING}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        yield iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret])
