"""Stacks by lifetime: what must last, what changes daily, and what stands at the edge.

    keys ← audit, flags ← state ← agent-<name> · chargeback · edge · upkeep · webhooks
                                                            edge ← teams-<shard>
    keys ← alerts (where alarms go), and last of all watching, which looks at what all others made

Stacks only wire constructs. They share tables, the topic, the flags' configuration and usage plans,
whose names never change once they exist, and never a layer, whose name changes with its content.
"""
