"""Other software's files: the log written as they have it, and their history read as Befit's."""
