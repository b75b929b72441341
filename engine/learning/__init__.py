"""Learning from the log: what was decided, by what, and what came of it, as training and evaluation need it."""
