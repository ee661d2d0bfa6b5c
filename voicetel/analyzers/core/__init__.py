"""What every analyzer shares: the selected calls, their groups, and SQL in files."""
