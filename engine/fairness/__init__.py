"""How service and offers fall to the groups of protected features: rates, intervals, ratios."""
