"""The demonstration: a company that never was, its customers, and a story that shows what the engine decides."""
