"""What is in force and how it is changed while decisions are made: checked, approved, taken over, compared."""
