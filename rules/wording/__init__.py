"""What reasons say, one file per language: plain words, never the names of the machinery."""
