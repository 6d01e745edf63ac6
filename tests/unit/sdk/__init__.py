"""The Python client: its rules, its queue and its context, without a socket."""
