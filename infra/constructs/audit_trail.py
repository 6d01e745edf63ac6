"""The audit trail: a bucket that nobody overwrites, and the stream that fills it.

    functions ─▶ Firehose ─▶ bucket: lines/yyyy/MM/dd/HH/…      every line
                    └──────▶ Splunk, where the zone names one   every line, once more
    functions ─▶ bucket: deferred/yyyy/MM/dd/HH/…               what Firehose did not take

Functions may add to the trail and can neither read nor delete any of it.
"""

from typing import Any

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.domain.audit_policy import AuditPolicy, Splunk
from infra.constructs.region_keys import WRITE, Keys
from infra.place import Place

LINES = "lines/"
DEFERRED = "deferred/"
ERRORS = "errors/!{firehose:error-output-type}/"
BUFFER_SECONDS = 300
BUFFER_MB = 64
SPLUNK_BUFFER_SECONDS = 60
SPLUNK_BUFFER_MB = 5
OVERWRITTEN_LIFETIME = Duration.days(30)
"""Of what somebody put another object over: long enough to be noticed."""
LOOKS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
WRITES = ("s3:AbortMultipartUpload", "s3:PutObject")


class AuditTrail(Construct):
    """The bucket and its stream, and the right to add to them."""

    def __init__(self, scope: Construct, id_: str, *, place: Place, keys: Keys) -> None:
        super().__init__(scope, id_)
        self._keys = keys
        self._policy = place.zone.audit
        self.bucket = self._bucket(self._policy)
        self._errors = logs.LogGroup(
            self,
            "Errors",
            encryption_key=keys.services,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._role = self._delivery_role()
        self.stream = firehose.CfnDeliveryStream(
            self,
            "Stream",
            delivery_stream_encryption_configuration_input={
                "keyArn": keys.data.key_arn,
                "keyType": "CUSTOMER_MANAGED_CMK",
            },
            delivery_stream_type="DirectPut",
            **self._destination(place),
        )
        # It checks its rights when it is created.
        self.stream.node.add_dependency(self._role)

    @property
    def stream_name(self) -> str:
        return self.stream.ref

    def grant_write(self, role: iam.IGrantable) -> None:
        """Let a function add lines; the right to the bucket's key is every run's already."""
        for action, resource in (
            ("firehose:PutRecordBatch", self.stream.attr_arn),
            ("s3:PutObject", self.bucket.arn_for_objects(f"{DEFERRED}*")),
        ):
            iam.Grant.add_to_principal(grantee=role, actions=[action], resource_arns=[resource])

    def _bucket(self, policy: AuditPolicy) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Lines",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            bucket_key_enabled=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._keys.data,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    expiration=Duration.days(policy.retention_days),
                    noncurrent_version_expiration=OVERWRITTEN_LIFETIME,
                )
            ],
            minimum_tls_version=1.2,
            object_lock_default_retention=_retention(policy),
            removal_policy=RemovalPolicy.RETAIN,
            versioned=True,
        )

    def _delivery_role(self) -> iam.Role:
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "firehose.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            ),
        )
        for actions, resource in (
            (LOOKS, self.bucket.bucket_arn),
            (WRITES, self.bucket.arn_for_objects("*")),
        ):
            iam.Grant.add_to_principal(grantee=role, actions=[*actions], resource_arns=[resource])
        self._keys.use_data(role, "s3", WRITE)
        stream = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"{self._errors.log_group_name}:log-stream:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        iam.Grant.add_to_principal(
            grantee=role, actions=["logs:PutLogEvents"], resource_arns=[stream]
        )
        return role

    def _destination(self, place: Place) -> dict[str, Any]:
        splunk = self._policy.splunk
        if splunk is None:
            return {"extended_s3_destination_configuration": self._to_s3("lines")}
        secret = splunk.secrets[place.region]
        iam.Grant.add_to_principal(
            grantee=self._role,
            actions=["secretsmanager:GetSecretValue"],
            resource_arns=[secret],
        )
        return {"splunk_destination_configuration": self._to_splunk(splunk, secret)}

    def _to_splunk(self, splunk: Splunk, secret: str) -> dict[str, Any]:
        return {
            "bufferingHints": {
                "intervalInSeconds": SPLUNK_BUFFER_SECONDS,
                "sizeInMBs": SPLUNK_BUFFER_MB,
            },
            "cloudWatchLoggingOptions": self._log("splunk"),
            "hecAcknowledgmentTimeoutInSeconds": splunk.acknowledgement_seconds,
            "hecEndpoint": splunk.endpoint,
            "hecEndpointType": "Raw",
            "retryOptions": {"durationInSeconds": splunk.retry_seconds},
            # Splunk is one more reader, never the only place of a line.
            "s3BackupMode": "AllEvents",
            "s3Configuration": self._to_s3("lines"),
            "secretsManagerConfiguration": {
                "enabled": True,
                "roleArn": self._role.role_arn,
                "secretArn": secret,
            },
        }

    def _to_s3(self, log: str) -> dict[str, Any]:
        return {
            "bucketArn": self.bucket.bucket_arn,
            "bufferingHints": {"intervalInSeconds": BUFFER_SECONDS, "sizeInMBs": BUFFER_MB},
            "cloudWatchLoggingOptions": self._log(log),
            "compressionFormat": "GZIP",
            "errorOutputPrefix": ERRORS,
            # Firehose adds the hour by itself.
            "prefix": LINES,
            "roleArn": self._role.role_arn,
        }

    def _log(self, stream: str) -> dict[str, Any]:
        made = logs.LogStream(
            self,
            f"Errors-{stream}",
            log_group=self._errors,
            log_stream_name=stream,
            removal_policy=RemovalPolicy.RETAIN,
        )
        return {
            "enabled": True,
            "logGroupName": self._errors.log_group_name,
            "logStreamName": made.log_stream_name,
        }


def _retention(policy: AuditPolicy) -> s3.ObjectLockRetention | None:
    kept = Duration.days(policy.retention_days)
    match policy.object_lock:
        case "governance":
            return s3.ObjectLockRetention.governance(kept)
        case "compliance":
            return s3.ObjectLockRetention.compliance(kept)
    return None
