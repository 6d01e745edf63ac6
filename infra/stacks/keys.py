"""Keys have a stack of their own, the first of a region: whatever is encrypted comes after it."""

from constructs import Construct

from infra.constructs.region_keys import RegionKeys
from infra.place import Place
from infra.stacks.regional import RegionalStack


class KeysStack(RegionalStack):
    """The region's own KMS keys, exported whether or not a stack imports them today."""

    def __init__(self, scope: Construct, *, place: Place) -> None:
        super().__init__(scope, "keys", place=place, description="Agent Gatehouse: keys")
        region = RegionKeys(self, "Keys")
        self.keys = region.keys
        for key in region.made:
            self.export_value(key.key_arn)
