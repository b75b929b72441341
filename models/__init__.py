"""What we expect: feature schema and codec, bundles, scorer, calibration, value, exploration, training."""
