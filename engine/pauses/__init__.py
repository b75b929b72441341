"""Pauses that people lift before their time, and who did it and why."""
