"""The tier that a customer holds: what it was until now, why it is what it is, and what would lift it."""
