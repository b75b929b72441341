"""JSON over HTTP: the methods of the contract for callers without gRPC, by the same services; docs and probes."""
