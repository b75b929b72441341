"""Between the engine's values and the bytes of `befit.v1`."""
