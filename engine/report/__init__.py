"""What the company sees of its decisions: proof in money, agents, the voice of the customer, gaps."""
