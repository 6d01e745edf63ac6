"""An alarm as this repository makes them: named, with its page of the runbook and whom it tells.

Whom it tells follows from its section (``infra/watching/sections.py``), so no construct decides
what wakes somebody. Alarms have fixed names: others are made of them, and people search for them.
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.here import Here
from infra.watching.alarms import Watch
from infra.watching.readings import Formula, Reading
from infra.watching.sections import SECTIONS

MINUTE = 60


class Alarm(cloudwatch.CfnAlarm):
    """One alarm on one reading."""

    def __init__(self, scope: Construct, id_: str, watch: Watch) -> None:
        here = Here.of(scope)
        section = SECTIONS[watch.section]
        told = not watch.silent
        tells = [here.topic_arn(section.severity)]
        super().__init__(
            scope,
            id_,
            alarm_name=here.alarm_name(watch.name),
            alarm_description=f"{watch.says} docs/runbook.md#{watch.section}",
            alarm_actions=tells if told else None,
            ok_actions=tells if told and section.ends else None,
            comparison_operator=(
                "LessThanThreshold" if watch.above is None else "GreaterThanThreshold"
            ),
            threshold=watch.below if watch.above is None else watch.above,
            evaluation_periods=watch.periods,
            datapoints_to_alarm=watch.breaching,
            treat_missing_data=section.silence,
            **_read(watch),
        )
        here.watches.append(watch)


def _read(watch: Watch) -> dict[str, Any]:
    seconds = watch.minutes * MINUTE
    match watch.reading:
        case Reading() as reading:
            return {
                "namespace": reading.namespace,
                "metric_name": reading.name,
                "dimensions": _dimensions(reading.by),
                "period": seconds,
                _kind(reading.statistic): reading.statistic,
            }
        case Formula(expression=expression, terms=terms):
            result = {"id": "result", "expression": expression, "returnData": True}
            return {"metrics": [result, *(_term(*term, seconds) for term in terms.items())]}


def _term(name: str, reading: Reading, seconds: int) -> dict[str, Any]:
    metric = {
        "namespace": reading.namespace,
        "metricName": reading.name,
        "dimensions": _dimensions(reading.by),
    }
    stat = {"metric": metric, "period": seconds, "stat": reading.statistic}
    return {"id": name, "metricStat": stat, "returnData": False}


def _dimensions(by: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in by.items()]


def _kind(statistic: str) -> str:
    plain = {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}
    return "statistic" if statistic in plain else "extended_statistic"
