"""Decisions of the past: read out of the log, and asked again as they were asked."""
