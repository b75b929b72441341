"""The store in memory: what suites and simulations run on, and what the others are compared with."""
