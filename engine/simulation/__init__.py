"""Two policies over the same questions: what would differ, for whom, what it is worth, and which rule did it.

Nothing is read from the store but what was logged, and nothing is written. Every decision is made again with what was
known then: contacts that the other policy would have made in between are not imagined.
"""
