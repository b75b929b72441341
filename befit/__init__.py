"""What other programs import: the wire types of `befit.v1` and the client."""
