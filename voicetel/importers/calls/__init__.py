"""What one document says of a call → the events of that call: what all importers share."""
