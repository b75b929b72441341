"""Made-up companies: who their customers are, what they would accept, and what they did, as a pack's sketch says.

Everything is drawn from a seed, so the same seed gives the same company. What is true of a customer but known to nobody
stands in the sketch's traits; `truth` tells with which probability a customer accepts an action, so that a model can be
measured against the best that could be done.
"""
