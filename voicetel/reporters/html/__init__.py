"""Documents as self-contained HTML pages: no script, nothing fetched, nothing of a log that a browser would obey."""
