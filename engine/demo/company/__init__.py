"""The company of the demonstration: who its customers are, what they would accept, and what they did.

Everything is drawn from a seed, so the same seed gives the same company. What is true of a customer but
known to nobody stands in `traits`; `truth` writes down with which probability a customer accepts an
action, so that a model can be measured against the best that could be done.
"""
