"""Limits over all customers: leased to workers, spent in memory, and never passed."""
