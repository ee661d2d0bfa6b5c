"""Commands that write logs, check them or write what they hold elsewhere."""
