"""The wire types of package befit.v1, generated from proto/befit/v1 by `make proto`."""
