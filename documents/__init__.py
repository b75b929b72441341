"""Documents that people write: strict YAML with places, and problems told as file:line:column."""
