"""The gRPC services: every call answered within its time, as bytes or as a refusal."""
