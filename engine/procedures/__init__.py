"""Standard procedures: which one a decision carries, how its steps go on, and how long teams take."""
