"""What a named person has to see: raised once, listed until somebody resolved it."""
