"""What keeps memory the same for any number of calls: spans of time, rows in files, a smaller engine."""
