"""The words and rules of the gatehouse: runs, agents, teams, money, errors.

Imports the standard library and pydantic, knows nothing of AWS or HTTP, and so can be read and
tested alone.
"""
