"""In which state of the dialogue callers hang up."""
