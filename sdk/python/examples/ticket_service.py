# ruff: noqa: INP001 — a script to copy, not a package
"""A helpdesk's own service: keeps tickets, and has each summarised after every message.

    POST /tickets/T-1/messages   {"role": "customer", "text": "Where is my order?"}
    GET  /tickets/T-1            {"messages": 1, "summary": "…"}

A message is answered at once, whether or not the gatehouse can be reached: the summary follows when
it can. Stop this service, or kill it, and nothing that was taken is lost.

    GATEHOUSE_BASE_URL=… GATEHOUSE_TOKEN=… python ticket_service.py --data /var/lib/tickets
"""

import argparse
import json
import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gatehouse_sdk import Client, Outcome
from gatehouse_sdk.context import ContextLimits, Conversation, SqliteTurns
from gatehouse_sdk.queue import Queue, Queued

CARD_NUMBER = re.compile(r"\b(?:\d[ -]?){12,18}\d\b")
ROUTE = re.compile(r"/tickets/([A-Za-z0-9][A-Za-z0-9._-]{0,63})(/messages)?")
ROLES = ("customer", "agent")


class Desk:
    """The tickets of this service, each a conversation with a summary."""

    def __init__(self, folder: Path, client: Client) -> None:
        self._turns = SqliteTurns(folder / "tickets.db")
        self._summaries: dict[str, str] = {}
        self._adding = threading.Lock()
        self._queue = Queue(folder / "queue.db", client, on_delivered=self._summarised)
        self._queue.start()

    def close(self) -> None:
        self._queue.close()
        self._turns.close()

    def add(self, ticket: str, role: str, text: str) -> None:
        """Take a message, and have the whole ticket summarised."""
        with self._adding:
            talk = self._talk(ticket)
            talk.add(role, text)
            turns = talk.turns()
        messages = [
            {"role": t.role, "text": t.text, "at": datetime.fromtimestamp(t.at, UTC).isoformat()}
            for t in turns
        ]
        # The intent has a name: this ticket up to this message. A repetition finds the same run.
        key = f"{ticket}:{turns[-1].seq}"
        given = {"ticket_id": ticket, "messages": messages}
        self._queue.enqueue("ticket_summary", given, idempotency_key=key, workflow="helpdesk")

    def show(self, ticket: str) -> dict[str, Any]:
        count = len(self._talk(ticket).turns())
        return {"messages": count, "summary": self._summaries.get(ticket)}

    def _talk(self, ticket: str) -> Conversation:
        limits = ContextLimits(token_budget=2_000, expires_after_seconds=30 * 24 * 3600)
        return Conversation(ticket, store=self._turns, redact=without_cards, limits=limits)

    def _summarised(self, _queued: Queued, answer: object) -> None:
        if isinstance(answer, Outcome):
            self._summaries[answer.output["ticket_id"]] = answer.output["summary"]


def without_cards(text: str) -> str:
    """What this service never keeps; the gatehouse looks for much more."""
    return CARD_NUMBER.sub("[card]", text)


class Handler(BaseHTTPRequestHandler):
    """The service's two routes."""

    desk: Desk

    def do_GET(self) -> None:
        match = ROUTE.fullmatch(self.path)
        if match is None or match[2]:
            self._answer(404, {"error": "GET /tickets/{ticket}"})
        else:
            self._answer(200, self.desk.show(match[1]))

    def do_POST(self) -> None:
        match = ROUTE.fullmatch(self.path)
        given = self._given()
        if match is None or not match[2] or given is None:
            wanted = 'POST /tickets/{ticket}/messages {"role": "customer", "text": "…"}'
            self._answer(400, {"error": wanted})
        else:
            self.desk.add(match[1], *given)
            self._answer(202, self.desk.show(match[1]))

    def _given(self) -> tuple[str, str] | None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return None
        match body:
            case {"role": str(role), "text": str(text)} if role in ROLES and text.strip():
                return role, text
        return None

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    with Client() as client:
        desk = Desk(given.data, client)
        handler = type("DeskHandler", (Handler,), {"desk": desk})
        with ThreadingHTTPServer(("127.0.0.1", given.port), handler) as server:
            print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201  # where it is
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                pass
            finally:
                desk.close()


if __name__ == "__main__":
    main()
