"""Plays AWS AppConfig's data plane: what is deployed lies in a file that anybody may change.

The template's configuration is written to ``<profile>.json`` in the state folder when the stack
starts. A change of the file is a deployment: whoever asks next gets it.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local import files
from local.loopback import LoopbackServer
from local.resources import Resource

FOLDER = "appconfig"
"""Of the state folder."""
POLL_SECONDS = 60
"""What AppConfig tells a client that asked for no interval of its own; it may ask sooner."""
NOT_FOUND = (404, "ResourceNotFoundException")
BAD_REQUEST = (400, "BadRequestException")

Identity = tuple[str, str, str]
"""Application, environment and profile."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A configuration that the templates deploy."""

    identity: Identity
    name: str
    content: str


def of(resources: Iterable[Resource]) -> tuple[Deployed, ...]:
    """What the deployments of the templates name."""
    found = list(resources)
    by_ref = {r.ref: r for r in found if r.type in KINDS}
    return tuple(_deployed(r, by_ref) for r in found if r.type == "AWS::AppConfig::Deployment")


KINDS = (
    "AWS::AppConfig::ConfigurationProfile",
    "AWS::AppConfig::HostedConfigurationVersion",
)


def _deployed(deployment: Resource, by_ref: dict[str, Resource]) -> Deployed:
    given = deployment.properties
    profile = by_ref[given["ConfigurationProfileId"]]
    version = by_ref[given["ConfigurationVersion"]]
    return Deployed(
        identity=(given["ApplicationId"], given["EnvironmentId"], profile.ref),
        name=profile.properties["Name"],
        content=version.properties["Content"],
    )


@dataclass(slots=True)
class Session:
    """What a client has of a configuration."""

    file: Path
    seen: bytes = b""

    def news(self) -> bytes:
        """The configuration, or nothing if the client has it."""
        content = self.file.read_bytes()
        unchanged = content == self.seen
        self.seen = content
        return b"" if unchanged else content


class AppConfigServer:
    """Serves what is deployed from a thread of its own, on a free loopback port."""

    def __init__(self, folder: Path, deployed: Iterable[Deployed]) -> None:
        self._server = _Server(_Handler)
        self._server.sessions = {}
        self._server.files = {}
        for each in deployed:
            file = folder / f"{each.name}.json"
            files.write_private(file, each.content.encode())
            self._server.files[each.identity] = file
        self._server.start()

    @property
    def url(self) -> str:
        return self._server.url

    def stop(self) -> None:
        self._server.stop()


class _Server(LoopbackServer):
    files: dict[Identity, Path]
    sessions: dict[str, Session]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """StartConfigurationSession."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        names = ("ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier")
        application, environment, profile = (str(asked.get(name)) for name in names)
        file = self.server.files.get((application, environment, profile))
        if file is None:
            self._refuse(NOT_FOUND, "no such configuration is deployed")
        else:
            token = self._keep(Session(file))
            self._send(201, json.dumps({"InitialConfigurationToken": token}).encode(), {})

    def do_GET(self) -> None:
        """GetLatestConfiguration; a token is good for one call."""
        token = "".join(parse_qs(urlsplit(self.path).query).get("configuration_token", []))
        session = self.server.sessions.pop(token, None)
        if session is None:
            self._refuse(BAD_REQUEST, "the token is not one of a session, or was used")
            return
        headers = {
            "Next-Poll-Configuration-Token": self._keep(session),
            "Next-Poll-Interval-In-Seconds": str(POLL_SECONDS),
        }
        self._send(200, session.news(), headers)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class's name
        """That flags were looked at is no news."""

    def _keep(self, session: Session) -> str:
        token = secrets.token_urlsafe()
        self.server.sessions[token] = session
        return token

    def _refuse(self, error: tuple[int, str], message: str) -> None:
        status, code = error
        self._send(status, json.dumps({"Message": message}).encode(), {"x-amzn-errortype": code})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
