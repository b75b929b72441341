"""Every policy and bundle that was ever put in force, kept in the store by its revision."""
