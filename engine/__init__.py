"""One decision and its outcomes: load, screen, score, arbitrate, commit, answer, learn."""
