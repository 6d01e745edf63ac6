"""The identity provider's HTTPS side: discovery documents and keys, on the loopback address.

It keeps its port in the state folder, because the port is part of the issuer's name and so of every
token.
"""

import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from local import certificates, files, identity
from local.identity import ISSUERS_FILE, Issuers
from local.loopback import LoopbackServer

ISSUERS_VARIABLE = "GATEHOUSE_ISSUERS"
"""The variable by which the authorizer is told whose tokens to accept."""
PORT_FILE = "port"


class IdentityServer:
    """Plays every issuer of the templates at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = identity.signing_key(folder)
        self._certificates = certificates.issue(folder, datetime.now(UTC))
        self._server = _listen(folder / PORT_FILE)
        self._server.documents = {"/keys": identity.public_keys(self._key)}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificates.server, self._certificates.server_key)
        # The handshake belongs to the connection's own thread, or one slow caller stops all.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._server.start()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def authority(self) -> Path:
        """The certificate that a verifier must trust."""
        return self._certificates.authority

    def take_over(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """A function's environment, with the local issuers in the place of those it names."""
        if ISSUERS_VARIABLE not in environment:
            return environment
        given = Issuers.validate_json(environment[ISSUERS_VARIABLE])
        local = tuple(
            issuer.model_copy(
                update={
                    "issuer": f"{self.url}/{number}",
                    "jwks_uri": None,
                    "algorithms": (identity.ALGORITHM,),
                }
            )
            for number, issuer in enumerate(given)
        )
        for number, issuer in enumerate(local):
            path = f"/{number}/.well-known/openid-configuration"
            document = {"issuer": issuer.issuer, "jwks_uri": f"{self.url}/keys"}
            self._server.documents[path] = json.dumps(document)
        text = Issuers.dump_json(local, exclude_none=True)
        files.write_private(self._folder / ISSUERS_FILE, text)
        return {**environment, ISSUERS_VARIABLE: text.decode()}

    def stop(self) -> None:
        self._server.stop()


class _Server(LoopbackServer):
    documents: dict[str, str]
    scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who does not trust the authority, or hangs up, learns that on their own side."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        document = self.server.documents.get(self.path)
        body = (document or "{}").encode()
        self.send_response(200 if document else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class's name
        """That keys were fetched is no news."""


def _listen(remembered: Path) -> _Server:
    """Listen where an earlier runner did, so that its tokens stay good; if taken, anywhere."""
    port = int(remembered.read_text()) if remembered.is_file() else 0
    try:
        server = _Server(_Handler, port)
    except OSError:
        server = _Server(_Handler)
    files.write_private(remembered, str(server.server_port).encode())
    return server
