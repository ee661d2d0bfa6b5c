"""What the document of each report consists of: its tables, sentences and notes, for people."""
