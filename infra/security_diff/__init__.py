"""What a change of the templates means for security, for a person who must approve it.

    two cloud assemblies ─ facts of each ─ what was added, what is gone ─ one table

A fact (:mod:`.facts`) either **opens** something (a right, a weakness) or **guards** it (a refusal,
a boundary). A new opening and a guard that is gone are *broader*; the opposite is *narrower*. A
right that an earlier one already gave is no news.
"""
