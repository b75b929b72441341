"""Measures a running Befit from outside, through its contract: how fast, at what cost, and where the time goes."""
