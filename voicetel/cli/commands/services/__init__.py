"""Commands that stay and answer: to people who watch, to programs, to assistants."""
