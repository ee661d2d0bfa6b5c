"""What only a terminal shows: progress while logs are read, and a screen that is written anew."""
