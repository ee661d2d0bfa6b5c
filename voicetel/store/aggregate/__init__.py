"""From events to calls: duplicates left out, usage added up, and how each call ended."""
