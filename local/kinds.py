"""Every resource type of the templates, by what the local runner does with it.

A type is PROVISIONED on moto, INTERPRETED by another part of the runner, or IGNORED for a stated
reason. A type of no kind is an error, so a new construct cannot be dropped by oversight.
"""

from collections.abc import Iterable, Mapping

from local.provision import PROVISIONED
from local.resources import Resource
from local.template import TemplateError

INTERPRETED: Mapping[str, str] = {
    "AWS::ApiGateway::ApiKey": "local/usage.py meters by it",
    "AWS::ApiGateway::Authorizer": "local/authorizer.py calls it",
    "AWS::ApiGateway::Deployment": "local/rest_api.py serves what the template says at any time",
    "AWS::ApiGateway::GatewayResponse": "local/gateway_responses.py renders it",
    "AWS::ApiGateway::Method": "local/rest_api.py routes to it",
    "AWS::ApiGateway::Model": "local/validation.py checks bodies with it",
    "AWS::ApiGateway::RequestValidator": "local/validation.py obeys it",
    "AWS::ApiGateway::Resource": "local/rest_api.py routes by it",
    "AWS::ApiGateway::RestApi": "local/rest_api.py",
    "AWS::ApiGateway::Stage": "local/rest_api.py serves under its name",
    "AWS::ApiGateway::UsagePlan": "local/usage.py enforces its throttle and quota",
    "AWS::ApiGateway::UsagePlanKey": "local/usage.py",
    "AWS::AppConfig::ConfigurationProfile": "local/appconfig.py names its file after it",
    "AWS::AppConfig::Deployment": "local/appconfig.py serves what it deploys",
    "AWS::AppConfig::HostedConfigurationVersion": "local/appconfig.py begins with its content",
    "AWS::Events::Rule": "local/schedules.py calls by its clock",
    "AWS::Lambda::Alias": "local/functions.py: an alias is the bundle as it lies on disk",
    "AWS::Lambda::EventSourceMapping": "local/pollers.py polls for it",
    "AWS::Lambda::Function": "local/workers.py runs it",
    "AWS::Lambda::LayerVersion": "local/functions.py lays the host's build of it beside a bundle",
    "AWS::Lambda::Version": "local/functions.py: a version is the bundle as it lies on disk",
}

IGNORED: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "says where API Gateway writes its logs",
    "AWS::ApiGateway::BasePathMapping": "the local gateway has one address, under its stage",
    "AWS::ApiGateway::DomainName": "the local gateway has one address, under its stage",
    "AWS::AppConfig::Application": "an id under which local/appconfig.py is asked",
    "AWS::AppConfig::DeploymentStrategy": "a change is deployed at once",
    "AWS::AppConfig::Environment": "an id under which local/appconfig.py is asked",
    "AWS::Bedrock::ApplicationInferenceProfile": "the model's endpoint answers whatever is called",
    "AWS::Budgets::Budget": "watches AWS's bill, and nothing local is billed",
    "AWS::CDK::Metadata": "tells AWS which constructs were used",
    "AWS::CE::AnomalyMonitor": "watches AWS's bill, and nothing local is billed",
    "AWS::CE::AnomalySubscription": "watches AWS's bill, and nothing local is billed",
    "AWS::CertificateManager::Certificate": "the local gateway speaks plain HTTP",
    "AWS::CloudFormation::WaitConditionHandle": "a placeholder in a stack without resources",
    "AWS::CloudWatch::Alarm": "nothing local publishes metrics to alarm on",
    "AWS::CloudWatch::CompositeAlarm": "nothing local publishes metrics to alarm on",
    "AWS::CodeDeploy::Application": "a version is the bundle as it lies on disk",
    "AWS::CodeDeploy::DeploymentGroup": "a version is the bundle as it lies on disk",
    "AWS::CloudWatch::Dashboard": "shows metrics, and nothing local publishes any",
    "AWS::Glue::Registry": "nothing at run time reads it; the contracts are files",
    "AWS::Glue::Schema": "nothing at run time reads it; the contracts are files",
    "AWS::Glue::SchemaVersion": "nothing at run time reads it; the contracts are files",
    "AWS::IAM::ManagedPolicy": "moto enforces no policy; tests/infra proves least privilege",
    "AWS::IAM::Policy": "moto enforces no policy; tests/infra proves least privilege",
    "AWS::IAM::Role": "workers run with credentials that nothing checks",
    "AWS::KMS::Alias": "moto encrypts nothing at rest, and no function calls KMS itself",
    "AWS::KMS::Key": "moto encrypts nothing at rest, and no function calls KMS itself",
    "AWS::Lambda::EventInvokeConfig": "nothing local invokes a function asynchronously",
    "AWS::Lambda::Permission": "the gateway and the pollers may call every function",
    "AWS::Logs::LogStream": "logs are files",
    "AWS::Logs::MetricFilter": "nothing local publishes metrics",
    "AWS::Logs::ResourcePolicy": "logs are files",
    "AWS::Route53::RecordSet": "nobody looks the local gateway up by a name",
    "AWS::S3::BucketPolicy": "moto enforces no policy",
    "AWS::SNS::TopicPolicy": "moto enforces no policy",
    "AWS::SQS::QueuePolicy": "moto enforces no policy",
    "AWS::WAFv2::LoggingConfiguration": "a firewall's managed rules exist on AWS only",
    "AWS::WAFv2::WebACL": "a firewall's managed rules exist on AWS only",
    "AWS::WAFv2::WebACLAssociation": "a firewall's managed rules exist on AWS only",
}


def check(resources: Iterable[Resource]) -> None:
    """Refuse a resource type that is of none of the three kinds."""
    known = PROVISIONED.keys() | INTERPRETED.keys() | IGNORED.keys()
    unknown = sorted(r.where for r in resources if r.type not in known)
    if unknown:
        msg = (
            f"the local runner does not know what to do with: {', '.join(unknown)}. In "
            "local/provision.py, create the type (PROVISIONED); or, in local/kinds.py, name the "
            "part of the runner that reads it (INTERPRETED) or say why it makes no difference "
            "(IGNORED)"
        )
        raise TemplateError(msg)
