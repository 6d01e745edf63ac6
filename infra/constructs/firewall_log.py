"""What the firewall stopped or would have stopped, and whose address it came from."""

from aws_cdk import ArnFormat, Aws, Fn, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.constructs.python_function import LOG_RETENTION
from infra.constructs.region_keys import Keys

SECRET_HEADERS = ("authorization", "cookie", "x-api-key")
FieldToMatch = wafv2.CfnLoggingConfiguration.FieldToMatchProperty


class FirewallLog(Construct):
    """The log of a web ACL; what was let through is in the access log already."""

    def __init__(self, scope: Construct, id_: str, *, acl: wafv2.CfnWebACL, keys: Keys) -> None:
        super().__init__(scope, id_)
        group = self._group(keys)
        destination = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            log_destination_configs=[destination],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [_kept("BLOCK"), _kept("COUNT")],
            },
            redacted_fields=[
                *(FieldToMatch(single_header={"Name": name}) for name in SECRET_HEADERS),
                FieldToMatch(query_string={}),
            ],
            resource_arn=acl.attr_arn,
        )

    def _group(self, keys: Keys) -> logs.LogGroup:
        # WAF wants this beginning; the end is the stack's own id, so that a region that is built
        # anew does not find the name taken by the log that its predecessor left.
        incarnation = Fn.select(2, Fn.split("/", Aws.STACK_ID))
        return logs.LogGroup(
            self,
            "Group",
            encryption_key=keys.services,
            log_group_name=f"aws-waf-logs-gatehouse-{Stack.of(self).region}-{incarnation}",
            retention=LOG_RETENTION,
            removal_policy=RemovalPolicy.RETAIN,
        )


def _kept(action: str) -> dict[str, object]:
    return {
        "Behavior": "KEEP",
        "Conditions": [{"ActionCondition": {"Action": action}}],
        "Requirement": "MEETS_ANY",
    }
