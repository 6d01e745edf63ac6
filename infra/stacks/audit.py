"""The audit trail has a stack of its own: it outlives the gatehouse whose runs it tells of."""

from constructs import Construct

from infra.constructs.audit_alarms import AuditAlarms
from infra.constructs.audit_trail import AuditTrail
from infra.constructs.region_keys import Keys
from infra.place import Place
from infra.stacks.regional import RegionalStack


class AuditStack(RegionalStack):
    """The trail and its alarms."""

    def __init__(self, scope: Construct, *, place: Place, keys: Keys) -> None:
        super().__init__(scope, "audit", place=place, description="Agent Gatehouse: audit trail")
        self.trail = AuditTrail(self, "Trail", place=place, keys=keys)
        AuditAlarms(
            self,
            "Alarms",
            stream_name=self.trail.stream_name,
            splunk=place.zone.audit.splunk is not None,
        )
        for shared in (
            self.trail.stream_name,
            self.trail.stream.attr_arn,
            self.trail.bucket.bucket_name,
            self.trail.bucket.bucket_arn,
        ):
            self.export_value(shared)
