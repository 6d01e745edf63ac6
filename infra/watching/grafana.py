"""The same boards as Grafana draws them, from CloudWatch: dashboards to import.

Names are variables of the dashboard, so that one file is for all agents of all regions. The data
source is a variable too: which account is read is said in Grafana.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.watching.agent_board import AgentNames, agent_board
from infra.watching.cloudwatch import renamed
from infra.watching.panels import Board, Panel, Placed, Section, Unit, placed
from infra.watching.readings import Breakdown, Formula, Reading
from infra.watching.region_board import AUDIT_DESTINATIONS, RegionNames, region_board

UNITS: Mapping[Unit, str] = {
    "count": "short",
    "rate": "none",
    "ms": "ms",
    "s": "s",
    "percent": "percent",
    "usd": "currencyUSD",
}
SCHEMA = 39
"""Of dashboards; newer Grafanas bring older files up to date by themselves."""
SOURCE = {"type": "cloudwatch", "uid": "${datasource}"}
DEFAULTS = {"availability_percent": "99.5", "latency_percent": "95", "quick_ms": "14500"}
Json = dict[str, Any]


def agent_dashboard() -> Json:
    """Of the agent that is chosen on the page."""
    board = agent_board(
        "Agent Gatehouse: agent",
        AgentNames(
            agent="$agent",
            function="$function",
            queue="$queue",
            dead_letters="$dead_letters",
            availability_percent="$availability_percent",
            latency_percent="$latency_percent",
            quick_ms="$quick_ms",
        ),
    )
    variables = [
        _query("agent", "Gatehouse", "Runs", "agent"),
        _query("function", "AWS/Lambda", "Invocations", "FunctionName", "/gatehouse-.*-agent-/"),
        _query("queue", "AWS/SQS", DEPTH, "QueueName", "/gatehouse-.*-agent-.*WorkQueue/"),
        _query("dead_letters", "AWS/SQS", DEPTH, "QueueName", "/gatehouse-.*-agent-.*DeadLetters/"),
        *(_text(name, value) for name, value in DEFAULTS.items()),
    ]
    return _dashboard(board, "gatehouse-agent", variables)


def region_dashboard() -> Json:
    """Of the region that is chosen on the page."""
    board = region_board(
        "Agent Gatehouse: region",
        RegionNames(
            api="$api",
            stage="$stage",
            stream="$stream",
            audit=AUDIT_DESTINATIONS,
            functions={"${PROP('Dim.FunctionName')}": "$functions"},
            tables={"${PROP('Dim.TableName')}": "$tables"},
        ),
    )
    lambdas = "/gatehouse-(?!.*-agent-)/"
    variables = [
        _query("api", "AWS/ApiGateway", "Count", "ApiName", "/Agent Gatehouse/"),
        _query("stage", "AWS/ApiGateway", "Count", "Stage"),
        _query("stream", "AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName"),
        _query("functions", "AWS/Lambda", "Invocations", "FunctionName", lambdas, many=True),
        _query(
            "tables",
            "AWS/DynamoDB",
            "ConsumedWriteCapacityUnits",
            "TableName",
            "/gatehouse-/",
            many=True,
        ),
    ]
    return _dashboard(board, "gatehouse-region", variables)


DEPTH = "ApproximateNumberOfMessagesVisible"
DASHBOARDS = {"agent.json": agent_dashboard, "region.json": region_dashboard}


def _dashboard(board: Board, uid: str, variables: list[Json]) -> Json:
    panels = [_panel(each, number) for number, each in enumerate(placed(board), start=1)]
    return {
        "title": board.title,
        "uid": uid,
        "tags": ["agent-gatehouse"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [_source(), _region(), *variables]},
        "annotations": {"list": []},
        "panels": panels,
    }


def _panel(each: Placed, number: int) -> Json:
    grid = {"x": each.x, "y": each.y, "w": each.width, "h": each.height}
    match each.what:
        case Section(title=title, text=text):
            content = f"## {title}\n{text}".rstrip()
            options = {"mode": "markdown", "content": content}
            return {"id": number, "type": "text", "title": "", "gridPos": grid, "options": options}
        case Panel() as panel:
            return {
                "id": number,
                "type": "timeseries",
                "title": panel.title,
                "datasource": SOURCE,
                "gridPos": grid,
                "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
                "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
                "targets": [*_targets(panel)],
            }


def _defaults(panel: Panel) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    steps += [{"color": "red", "value": limit.value} for limit in panel.limits]
    custom: Json = {"stacking": {"mode": "normal" if panel.stacked else "none"}}
    if panel.limits:
        custom["thresholdsStyle"] = {"mode": "line"}
    return {
        "unit": UNITS[panel.unit],
        "custom": custom,
        "thresholds": {"mode": "absolute", "steps": steps},
    }


def _targets(panel: Panel) -> Iterator[Json]:
    for number, (label, shown) in enumerate(panel.series.items()):
        match shown:
            case Reading():
                yield _metric(shown, f"m{number}", label)
            case Breakdown():
                yield _math(shown.expression, f"e{number}", shown.label)
            case Formula(expression=expression, terms=terms):
                names = {name: f"{name}{number}" for name in terms}
                for name, reading in terms.items():
                    yield _metric(reading, names[name], name) | {"hide": True}
                yield _math(renamed(expression, names), f"e{number}", label)


def _metric(reading: Reading, id_: str, label: str) -> Json:
    return _query_of(id_, label) | {
        "metricEditorMode": 0,
        "namespace": reading.namespace,
        "metricName": reading.name,
        "dimensions": {**reading.by},
        "statistic": reading.statistic,
        "expression": "",
    }


def _math(expression: str, id_: str, label: str) -> Json:
    return _query_of(id_, label) | {"metricEditorMode": 1, "expression": expression}


def _query_of(id_: str, label: str) -> Json:
    return {
        "refId": id_,
        "id": id_,
        "datasource": SOURCE,
        "queryMode": "Metrics",
        "metricQueryType": 0,
        "region": "$region",
        "period": "300",
        "matchExact": True,
        "label": label,
        "hide": False,
    }


def _source() -> Json:
    return {"name": "datasource", "label": "Account", "type": "datasource", "query": "cloudwatch"}


def _region() -> Json:
    return _variable("region", "regions()")


def _query(
    name: str, namespace: str, metric: str, dimension: str, regex: str = "", *, many: bool = False
) -> Json:
    asked = f"dimension_values($region, {namespace}, {metric}, {dimension})"
    return _variable(name, asked, regex, many=many)


def _variable(name: str, query: str, regex: str = "", *, many: bool = False) -> Json:
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "regex": regex,
        "refresh": 2,
        "sort": 1,
        "multi": many,
        "includeAll": many,
    }


def _text(name: str, value: str) -> Json:
    label = name.replace("_", " ").capitalize()
    shown = {"text": value, "value": value}
    return {
        "name": name,
        "label": label,
        "type": "textbox",
        "query": value,
        "current": shown,
        "options": [{**shown, "selected": True}],
    }
