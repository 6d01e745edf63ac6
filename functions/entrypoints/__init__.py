"""One module for each trigger. A handler parses, calls one function and renders; no more.

A rule never stands here: what holds for HTTP must hold for events too, so it is a stage.
"""
