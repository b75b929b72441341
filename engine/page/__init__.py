"""What pages of figures are made of: tables of text, plots, one self-contained file."""
