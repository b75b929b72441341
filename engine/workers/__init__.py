"""Processes: the workers that serve, and the supervisor that keeps them."""
