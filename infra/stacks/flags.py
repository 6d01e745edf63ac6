"""Flags have a stack of their own: rolling them out takes a while, and nothing waits for it."""

from constructs import Construct

from functions.domain.names import JsonObject
from infra.constructs.flag_store import FlagStore
from infra.flags import SCHEMA
from infra.place import Place
from infra.stacks.regional import RegionalStack


class FlagsStack(RegionalStack):
    """The configuration that functions look at, and how a change of it is rolled out."""

    def __init__(self, scope: Construct, *, place: Place, flags: JsonObject) -> None:
        super().__init__(scope, "flags", place=place, description="Agent Gatehouse: flags")
        store = FlagStore(self, "Flags", flags=flags, schema=SCHEMA)
        self.configuration = store.configuration
