"""The only place where ports meet adapters, and where AWS clients are built.

One module for each entrypoint, which calls one function of it once for each execution environment:
everything is cached, and nothing is built at import. A bundle carries its entrypoint's module and
what that one names, so the sweeper does not load what runs need.
"""
