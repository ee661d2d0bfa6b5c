"""The command: argv in, an exit code out. Everything it says on stdout is in ``output``, on stderr in ``diagnostics``."""
