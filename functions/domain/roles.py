"""The roles that routes ask for; agents name those of their own in their manifests."""

PUBLISH = "events:publish"
"""Lets a caller publish events in the name of the team."""
READ_ALL_USAGE = "usage:read-all"
"""Lets a caller see what all teams of the zone spent, as finance does."""
OF_ROUTES = frozenset({PUBLISH, READ_ALL_USAGE})
