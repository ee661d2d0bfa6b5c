"""From log files to segments: which files, which bytes of them are new, what each line means."""
