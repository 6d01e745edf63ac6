"""Requests that nobody thought of, made by Schemathesis from our own OpenAPI document."""
