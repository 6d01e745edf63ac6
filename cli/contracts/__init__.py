"""Contracts of events over time: whether a change keeps its promises, releases, and AsyncAPI.

commands   gatehouse events check | release | asyncapi
compare    the released contract against the one at hand, in each direction that was promised
inclusion  the proof: whatever one schema lets be written, the other lets be read
shape      schemas brought into a form in which they can be compared
release    events/released.json
asyncapi   the document for those who publish and subscribe
"""
