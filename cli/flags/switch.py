"""An agent's kill switch as a rule of its flag: it comes first, and leaves all others as they are.

So what is switched on again is as it was before, rollouts and teams included.
"""

from functions.domain.flags import agent_flag
from functions.domain.names import JsonObject

OFF = "switched off"
ANYBODY = {"action": "NOT_EQUALS", "key": "team", "value": ""}
"""A rule needs a condition, and every caller has a team."""


def off(flags: JsonObject, agent: str, team: str | None = None) -> JsonObject:
    """The flags with the agent switched off, for everybody or for one team."""
    flag = flags.get(agent_flag(agent), {"default": True})
    condition = {"action": "EQUALS", "key": "team", "value": team} if team else ANYBODY
    first = {_name(team): {"when_match": False, "conditions": [condition]}}
    return flags | {agent_flag(agent): {**flag, "rules": first | _rest(flag, team)}}


def on(flags: JsonObject, agent: str, team: str | None = None) -> JsonObject:
    """The flags without that switch."""
    flag = flags.get(agent_flag(agent), {"default": True})
    rest = _rest(flag, team)
    bare = {name: value for name, value in flag.items() if name != "rules"}
    return flags | {agent_flag(agent): bare | ({"rules": rest} if rest else {})}


def state(flags: JsonObject, agent: str) -> str:
    """What the flags say of an agent, in a few words."""
    flag = flags.get(agent_flag(agent))
    if flag is None:
        return "on"
    rules = flag.get("rules", {})
    if OFF in rules:
        return "off"
    teams = [name.removeprefix(f"{OFF} for ") for name in rules if name.startswith(f"{OFF} for ")]
    others = [name for name in rules if not name.startswith(OFF)]
    words = ["on" if flag["default"] else "off"]
    if teams:
        words.append(f"off for {', '.join(teams)}")
    if others:
        words.append(f"unless: {'; '.join(others)}")
    return ", ".join(words)


def _name(team: str | None) -> str:
    return f"{OFF} for {team}" if team else OFF


def _rest(flag: JsonObject, team: str | None) -> JsonObject:
    return {name: rule for name, rule in flag.get("rules", {}).items() if name != _name(team)}
