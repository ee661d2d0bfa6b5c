"""Options: declared once, grouped once, and what their values mean."""
