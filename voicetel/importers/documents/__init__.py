"""Files of other systems → JSON values, one at a time, however large the file."""
