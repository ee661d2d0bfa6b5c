"""Lines of JSON taken apart into typed columns."""
