"""The embedded store: a Valkey server of our own, kept under the project."""
