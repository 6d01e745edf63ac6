"""Who calls: for each, what it sends as a token and what must hold for it, as a configuration.

owner       all roles                   everything; its runs are asked for by a stranger, too
reader      of a team with few runs     the route that adds up usage, which the owner leaves out
no role     a token without roles       runs nothing
bad token   another audience's token    never gets in
no token                                never gets in
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.identity import Minter

OWNER, STRANGER = "platform", "retail"
CHECKS = Path(__file__).with_name("checks.py")
OWN_CHECKS = (
    "refused_for_a_good_reason",
    "wrong_items_are_told",
    "problems_are_whole",
    "nobody_gets_in",
    "nothing_without_a_role",
)
REFUSALS = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "422")
TAKEN = ("2xx", "304", "400", "403", "404", "409", "422")
"""Which of these a well-formed request may get is for ``refused_for_a_good_reason`` to say."""
LATER_SHARE = 0.4
USAGE = "/v1/usage"
"""The owner leaves thousands of lines in the ledger, and moto takes seconds to read so many."""
UNLINKED = ("--phases", "examples,coverage,fuzzing", "--include-path")
"""No link leads to that path, and Schemathesis takes a chain of nothing for a mistake."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls, and which of our own checks hold then."""

    name: str
    tokens: Mapping[str, str]
    """By the caller's name for each; the first is its own, the others must not see what it has."""
    checks: Collection[str]
    taken: tuple[str, ...] = TAKEN
    asked: tuple[str, ...] = ()
    """What else Schemathesis is told, such as which operations these are."""

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")

    def configuration(self, folder: Path, *, url: str, examples: int, seed: int) -> Path:
        """Write what Schemathesis is to do for this caller; the file."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = [
            _general(folder, url=url, examples=examples, seed=seed),
            self._auth(folder),
            _checks(self.checks, self.taken),
        ]
        path = folder / "schemathesis.toml"
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    def _auth(self, folder: Path) -> str:
        if not self.tokens:
            return ""
        entries = [
            {
                "name": name,
                "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}],
            }
            for name, token in self.tokens.items()
        ]
        path = folder / "tokens.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"auth": entries}), encoding="utf-8")
        first, *others = self.tokens
        peers = f"user = {_text(first)}\npeers = {_texts(self.tokens)}\n" if others else ""
        return f"[auth.wfc]\npath = {_text(path)}\n{peers}"


def callers(minter: Minter, *, owner: str = OWNER, stranger: str = STRANGER) -> list[Caller]:
    """Everybody who calls a stack that trusts this minter."""
    tokens = {owner: minter.mint(owner), stranger: minter.mint(stranger)}
    let_in = ("problems_are_whole", "refused_for_a_good_reason", "wrong_items_are_told")
    kept_out = ("problems_are_whole", "nobody_gets_in")
    other_audience = minter.mint(owner, aud="somebody-else")
    no_role = ("problems_are_whole", "nothing_without_a_role")
    return [
        Caller("owner", tokens, let_in, asked=("--exclude-path", USAGE)),
        Caller("reader", {stranger: tokens[stranger]}, let_in, asked=(*UNLINKED, USAGE)),
        Caller("no role", {"no role": minter.mint(owner, roles=[])}, no_role),
        Caller("bad token", {"bad token": other_audience}, kept_out, ("401",)),
        Caller("no token", {}, kept_out, ("401",)),
    ]


def _general(folder: Path, *, url: str, examples: int, seed: int) -> str:
    """One thread for a process: Python 3.11 parses no two sources at a time when they are deep."""
    return f"""
base-url = {_text(url)}
hooks = {_text(CHECKS)}
seed = {seed}
workers = 1
continue-on-failure = true
request-timeout = 40
suppress-health-check = ["all"]

[cache]
enabled = false

[generation]
database = "none"
max-examples = {examples}

[dictionaries.prefer]
values = ["respond-async", "respond-async; wait=5", "return=minimal"]

[parameters]
"header.Prefer" = {{ dictionary = "prefer", probability = {LATER_SHARE} }}

[reports.ndjson]
path = {_text(folder / "events.ndjson")}

[reports.json]
path = {_text(folder / "summary.json")}

[[operations]]
include-path-regex = "(/batch|/v1/events)$"
[operations.checks.negative_data_rejection]
enabled = false
"""


def _checks(wanted: Collection[str], taken: tuple[str, ...]) -> str:
    own = "\n".join(
        f"[checks.{name}]\nenabled = {str(name in wanted).lower()}" for name in OWN_CHECKS
    )
    return f"""{own}
[checks.positive_data_acceptance]
expected-statuses = {_texts(taken)}
[checks.negative_data_rejection]
expected-statuses = {_texts(REFUSALS)}
"""


def _text(value: object) -> str:
    """TOML's texts are written like JSON's."""
    return json.dumps(str(value))


def _texts(values: Collection[str]) -> str:
    return json.dumps([*values])
