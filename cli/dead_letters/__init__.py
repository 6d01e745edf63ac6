"""Dead letters: messages that an agent's queue could not get answered, kept for a person.

    reach ── queues ── look ──┬── tally    how many, and why
    (AWS or local)            ├── view     one, readable
                              └── moves    back to the agent's queue, or away

Nothing in here prints. A letter is only ever received, which hides it for a while; it leaves its
queue when somebody purges it, or when its copy is confirmed to be in the agent's queue.
"""
