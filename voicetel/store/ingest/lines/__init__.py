"""Lines of JSON parsed into typed columns."""
