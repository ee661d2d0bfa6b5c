"""One conversation, turn by turn, with a waterfall of what took how long."""
