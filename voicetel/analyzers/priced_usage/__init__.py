"""What the selected calls used, priced by a rate card: everything about money reads it."""
