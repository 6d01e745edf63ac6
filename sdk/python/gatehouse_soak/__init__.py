"""Thousands of queued operations while processes are killed and the network fails; then a count.

    supervisor ── starts, kills -9, starts again ──→ workers ── one queue file ──┐
        │                                                                        ▼
        └── counts at the end ──────────────────────────────── lossy gatehouse (HTTP)

``python -m gatehouse_soak --operations 10000`` prints what was lost and what was done twice, and
fails when that is anything at all. The count is the server's, not the client's.
"""
