"""The names of what is measured, for those who write it and those who watch it.

Every metric has the dimension ``service`` and the ones that are named beside it.
"""

NAMESPACE = "Gatehouse"
SERVICE = "gatehouse"

RUNS = "Runs"
"""By agent and status: ended runs."""
LATENCY = "Latency"
"""By agent and status, in milliseconds: how long runs took."""
COST = "CostMicroUsd"
"""By agent and status: what runs cost."""
CIRCUIT_CHANGES = "CircuitChanges"
"""By model and state: how often its circuit opened, closed or was probed."""
DELIVERIES = "Deliveries"
"""By agent and result: messages that were worked on."""
EVENT_LAG = "EventLag"
"""By agent and event, in milliseconds: from when it happened to when it was worked on."""
DEAD_LETTERS = "DeadLetters"
"""By agent and reason: messages that were given up."""
BATCH_SIZE = "BatchSize"
"""By agent: how many messages a function took at a time."""
PERSONAL_DATA_UNITS = "PersonalDataUnits"
"""By detector: what a second detector of personal data charges for."""
