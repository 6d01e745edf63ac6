"""The local runner, without a socket."""
