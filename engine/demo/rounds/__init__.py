"""A made-up company at work: it decides, sees what comes of it, learns from its log, and decides again."""
