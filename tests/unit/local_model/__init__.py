"""The local model endpoint, without its server."""
