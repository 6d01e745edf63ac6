"""The OpenAPI document's part on usage: one question, answered as JSON or as CSV."""

from functions.domain.names import JsonObject
from functions.domain.roles import READ_ALL_USAGE
from functions.domain.spreadsheet import MEDIA_TYPE
from functions.domain.usage import DIMENSIONS
from functions.domain.usage_query import MOST_DAYS
from functions.domain.usage_report import KINDS, MEASURES
from functions.entrypoints.openapi_replies import content, problems

ERRORS = (401, 403, 421, 422, 429, 500, 503)
COUNT: JsonObject = {"type": "integer", "minimum": 0}
DAY: JsonObject = {"type": "string", "format": "date"}
SUM: JsonObject = {
    "type": "object",
    "required": ["runs", "calls", "tokens", "cost_micro_usd", "cost_usd"],
    "properties": {
        "runs": {**COUNT, "description": "Runs that asked a model; one counts at its last call."},
        "calls": {**COUNT, "description": "Of models, also those of runs that failed."},
        "tokens": {"type": "object", "properties": {kind: {**COUNT} for kind in KINDS}},
        "cost_micro_usd": {**COUNT, "description": "Millionths of a US dollar."},
        "cost_usd": {"type": "string", "description": "The same in dollars, with six decimals."},
    },
}
GROUP: JsonObject = {
    **SUM,
    "properties": {**{name: {"type": "string"} for name in DIMENSIONS}, **SUM["properties"]},
}
REPORT: JsonObject = {
    "type": "object",
    "required": ["from", "to", "zone", "region", "currency", "group_by", "groups", "total"],
    "properties": {
        "from": DAY,
        "to": {**DAY, "description": "The day after the last."},
        "team": {"type": ["string", "null"], "description": "null means all teams."},
        "zone": {"type": "string"},
        "region": {"type": "string", "description": "Whose books these are: each has its own."},
        "final_before": {**DAY, "description": "Nothing is added to the days before this one."},
        "currency": {"const": "USD"},
        "group_by": {"type": "array", "items": {"enum": list(DIMENSIONS)}},
        "groups": {"type": "array", "items": GROUP},
        "total": SUM,
    },
}
PARAMETERS: list[JsonObject] = [
    {
        "name": "from",
        "in": "query",
        "description": "The first day, in UTC; the first of this month unless said otherwise.",
        "schema": DAY,
    },
    {
        "name": "to",
        "in": "query",
        "description": f"The day after the last, at most {MOST_DAYS} days later; tomorrow unless "
        "said otherwise.",
        "schema": DAY,
    },
    {
        "name": "group_by",
        "in": "query",
        "description": f"Any of {', '.join(DIMENSIONS)}; several between commas.",
        "schema": {"type": "array", "items": {"enum": list(DIMENSIONS)}},
        "style": "form",
        "explode": False,
    },
    {
        "name": "team",
        "in": "query",
        "description": f"Another team than the caller's needs the role {READ_ALL_USAGE}; with it, "
        "all teams of the zone are added up unless one is named.",
        "schema": {"type": "string"},
    },
]


def usage_path() -> JsonObject:
    """The route that tells what was used."""
    told = content("What was used and what it cost", REPORT)
    table = {"type": "string", "description": f"Columns: group_by, then {', '.join(MEASURES)}."}
    told["content"][MEDIA_TYPE] = {"schema": table}
    operation = {
        "operationId": "show_usage",
        "summary": "Usage and cost",
        "description": f"As {MEDIA_TYPE} for who accepts that, else as JSON.",
        "tags": ["usage"],
        "parameters": PARAMETERS,
        "responses": {"200": told} | problems(ERRORS),
    }
    return {"/v1/usage": {"get": operation}}
