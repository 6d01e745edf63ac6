"""Stacks by lifetime: what must last, what changes daily, and what stands at the edge.

    flags ← state ← agent-<name> · upkeep · webhooks · edge ← teams-<shard>

Stacks only wire constructs. They share tables, the topic, the flags' configuration and usage plans,
whose names never change once they exist, and never a layer, whose name changes with its content.
"""
