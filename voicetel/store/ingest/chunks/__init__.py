"""Whole lines of log streams, copied into memory that DuckDB can open under a name, with the place of each.

What is hashed, what the reader sees and what is read again line by line are the same bytes, whatever happens to the file
meanwhile. The lines of many small files go into one chunk, those of a large file into several.
"""
