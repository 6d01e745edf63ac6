"""What tells people that a function fails, is held up by its limits or runs out of time."""

from constructs import Construct

from infra.constructs.alarm import Alarm
from infra.watching.function_alarms import of_function


class FunctionAlarms(Construct):
    """Three alarms, which every function has."""

    def __init__(
        self, scope: Construct, id_: str, *, entrypoint: str, function: str, timeout_seconds: float
    ) -> None:
        super().__init__(scope, id_)
        for watch in of_function(entrypoint, function, timeout_seconds):
            Alarm(self, watch.section, watch)
