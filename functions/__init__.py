"""Everything that runs inside AWS Lambda.

    event → entrypoint parses → Run → stages → agent → Outcome → entrypoint renders

People add *agents*, AWS invokes *entrypoints*, and the rest is one shared core ordered by layer:
``domain ← pipeline ← adapters ← bootstrap ← entrypoints``. An import that points the other way
fails ``make check``.
"""
