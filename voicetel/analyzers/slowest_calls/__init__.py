"""Which calls had the slowest responses, and what took the time."""
