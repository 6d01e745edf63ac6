"""The rules of a web ACL, each said in one line; AWS's own form takes twenty for the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import aws_wafv2 as wafv2

Acl = wafv2.CfnWebACL
Statement = wafv2.CfnWebACL.StatementProperty


@dataclass(frozen=True, slots=True)
class WafRule:
    """A rule before it has its place; one without a reply leaves what to do to its group."""

    name: str
    matches: Statement
    reply: wafv2.CfnWebACL.BlockActionProperty | None = None
    is_group: bool = False

    def at(self, priority: int) -> wafv2.CfnWebACL.RuleProperty:
        """The rule in its place: the lowest number is asked first."""
        if self.is_group:
            as_it_says = Acl.OverrideActionProperty(none={})
            return Acl.RuleProperty(
                name=self.name,
                override_action=as_it_says,
                priority=priority,
                statement=self.matches,
                visibility_config=measured(self.name),
            )
        return Acl.RuleProperty(
            name=self.name,
            action=Acl.RuleActionProperty(block=self.reply or Acl.BlockActionProperty()),
            priority=priority,
            statement=self.matches,
            visibility_config=measured(self.name),
        )


def managed(name: str, group: str, *, counted: Iterable[str] = ()) -> WafRule:
    """A rule group of AWS's; the rules that are counted stop nobody, and leave their labels."""
    count = Acl.RuleActionProperty(count=Acl.CountActionProperty())
    statement = Acl.ManagedRuleGroupStatementProperty(
        name=group,
        vendor_name="AWS",
        rule_action_overrides=[
            Acl.RuleActionOverrideProperty(action_to_use=count, name=rule) for rule in counted
        ],
    )
    return WafRule(name, Statement(managed_rule_group_statement=statement), is_group=True)


def labelled(labels: Iterable[str]) -> Statement:
    """Whether an earlier rule has left one of these labels."""
    found = [
        Statement(label_match_statement=Acl.LabelMatchStatementProperty(key=label, scope="LABEL"))
        for label in labels
    ]
    if len(found) == 1:
        return found[0]
    return Statement(or_statement=Acl.OrStatementProperty(statements=found))


def path_is(pattern: str) -> Statement:
    """Whether the path matches, as it was sent: a route has one spelling."""
    as_sent = Acl.TextTransformationProperty(priority=0, type="NONE")
    match = Acl.RegexMatchStatementProperty(
        field_to_match=Acl.FieldToMatchProperty(uri_path={}),
        regex_string=pattern,
        text_transformations=[as_sent],
    )
    return Statement(regex_match_statement=match)


def but_not(matches: Statement, excepted: Statement) -> Statement:
    """The first, where it is not the second."""
    other = Statement(not_statement=Acl.NotStatementProperty(statement=excepted))
    return Statement(and_statement=Acl.AndStatementProperty(statements=[matches, other]))


def measured(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Metrics, and no samples: those would show what callers sent to whoever has the console."""
    return Acl.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
