"""What keeps memory the same for any number of calls: slices of time, rows in files, a lower memory limit of DuckDB."""
