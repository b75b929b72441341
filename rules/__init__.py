"""What the business allows: facts, the policy, conditions, tiers, screening, contact policy."""
