"""Reports as tools of the Model Context Protocol, for coding assistants, over stdin and stdout."""
