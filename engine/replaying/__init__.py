"""Logged decisions made again from what was logged, to be the same byte for byte."""
