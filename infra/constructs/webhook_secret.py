"""What a team's webhooks are signed with: drawn by AWS, and in no template, log or variable."""

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.domain.webhook import SECRET_CHARACTERS, secret_name
from infra.constructs.region_keys import Keys


class WebhookSecret(Construct):
    """One team's secret in one region, under the name by which the team and the function ask."""

    def __init__(self, scope: Construct, id_: str, *, team: str, keys: Keys) -> None:
        super().__init__(scope, id_)
        secretsmanager.Secret(
            self,
            "Secret",
            description=f"Signs the webhooks of the team {team}.",
            encryption_key=keys.data,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                # Letters and digits alone are base64, which is what receivers expect.
                exclude_punctuation=True,
                password_length=SECRET_CHARACTERS,
            ),
            secret_name=secret_name(team),
        )
