"""Plays two operations of AWS Lambda's own API, for people and programs beside the functions.

    ListFunctions   what the templates deploy
    Invoke          one call, waited for, of a function or its alias

What goes in and what comes out is Lambda's: an error of the function is an answer with
``X-Amz-Function-Error``, and a function that nobody deployed is a 404.
"""

import json
import re
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from local.authorizer import Invoke
from local.invocation import MAX_PAYLOAD_BYTES, Invocation
from local.loopback import LoopbackServer

INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
LIST = re.compile(r"/2015-03-31/functions/?")


class LambdaApi:
    """Serves from a thread of its own, on a free loopback port."""

    def __init__(self, handlers: Mapping[str, str], invoke: Invoke) -> None:
        """``handlers`` are those of the functions, by ARN."""
        self._server = _Server(_Handler)
        self._server.handlers = handlers
        self._server.arns = {arn.rpartition(":")[2]: arn for arn in handlers}
        self._server.invoke = invoke
        self._server.start()

    @property
    def url(self) -> str:
        return self._server.url

    def stop(self) -> None:
        self._server.stop()


class _Server(LoopbackServer):
    handlers: Mapping[str, str]
    arns: Mapping[str, str]
    """By function."""
    invoke: Invoke


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """ListFunctions, all on one page."""
        if not LIST.fullmatch(urlsplit(self.path).path):
            self._send(404, {"Message": "only ListFunctions and Invoke are served here"})
            return
        found = [
            {"FunctionName": name, "FunctionArn": arn, "Handler": self.server.handlers[arn]}
            for name, arn in sorted(self.server.arns.items())
        ]
        self._send(200, {"Functions": found})

    def do_POST(self) -> None:
        """Invoke, waited for."""
        match = INVOKE.fullmatch(urlsplit(self.path).path)
        name = unquote(match[1]).rpartition("function:")[2].partition(":")[0] if match else ""
        if name not in self.server.arns:
            self._send(404, {"Message": f"Function not found: {name}"}, "ResourceNotFoundException")
            return
        size = int(self.headers.get("Content-Length", 0))
        if size > MAX_PAYLOAD_BYTES:
            self._send(413, {"Message": "the payload is too large"}, "RequestTooLargeException")
            return
        payload = self.rfile.read(size) or b"{}"
        reply = self.server.invoke(Invocation(payload, self.server.arns[name]))
        headers = {"X-Amz-Function-Error": "Unhandled"} if reply.failed else {}
        self._write(200, reply.payload, headers)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class's name
        """The functions' own logs say what they did."""

    def _send(self, status: int, body: Mapping[str, Any], error: str | None = None) -> None:
        headers = {"x-amzn-errortype": error} if error else {}
        self._write(status, json.dumps(body).encode(), headers)

    def _write(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
