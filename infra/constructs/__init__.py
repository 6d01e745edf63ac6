"""Capabilities that stacks are wired from; each knows one thing and keeps its rules to itself."""
