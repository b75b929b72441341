"""The models of a company: what each was made from, how it was judged, and what was decided of it."""
