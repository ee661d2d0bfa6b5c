"""List prices, which others keep: to check a rate card against, to paste into it, and to bring it up to date."""
