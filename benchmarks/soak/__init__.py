"""Thousands of runs with everything going wrong, and then a look into the stores.

The plan says what is sent and what is done to it (``plan``, ``script``); ``clients``, ``producer``
and ``reaper`` do it to a local stack; ``stores`` reads what is left in the tables, the queues and
the model's own record; ``verdict`` compares the two. It trusts no counter of its own traffic.
"""
