"""From log files to buckets of whole calls: what is read where, and what is seen of lines on the way."""
