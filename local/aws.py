"""boto3 clients for the endpoint that plays AWS, with credentials that open nothing.

The clients are typed as Any: one function serves every service.
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
}
"""What a function's role would give it. Nothing local checks a signature."""


@dataclass(frozen=True)
class Aws:
    """One region of the pretended AWS."""

    endpoint: str
    region: str
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def client(self, service: str) -> Any:
        """The one client of a service; clients are safe to share between threads."""
        import boto3
        from botocore.config import Config

        with self._lock:
            if service not in self._clients:
                session = boto3.session.Session(
                    aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                    region_name=self.region,
                )
                create: Any = session.client  # its overloads want each service by name
                self._clients[service] = create(
                    service,
                    endpoint_url=self.endpoint,
                    config=Config(max_pool_connections=50, retries={"total_max_attempts": 3}),
                )
            return self._clients[service]
