"""The ``gatehouse`` command line: what a person does with a local stack.

It reaches the gatehouse as any client does, over HTTP with a token, or by an event on the topic.
"""
