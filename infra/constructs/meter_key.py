"""A key by which API Gateway meters somebody. It is an identifier, not a secret."""

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct


class MeterKey(Construct):
    """A key in a usage plan; the authorizer names it, callers never do."""

    def __init__(
        self, scope: Construct, id_: str, *, value: str, description: str, plan_id: str
    ) -> None:
        super().__init__(scope, id_)
        key = apigateway.CfnApiKey(self, "Key", description=description, enabled=True, value=value)
        apigateway.CfnUsagePlanKey(
            self, "Plan", key_id=key.ref, key_type="API_KEY", usage_plan_id=plan_id
        )
