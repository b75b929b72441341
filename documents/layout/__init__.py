"""The layout of YAML that people write: settled without changing what it says, comments kept."""
