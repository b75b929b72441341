"""Why an answer is as it is, and what would have changed it: worked out only where a full trace asks."""
