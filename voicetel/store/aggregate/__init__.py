"""From events to calls: deduplication, usage sums and outcomes."""
