"""How caller and agent share a call: talk, overlaps, dead air, and what follows an interruption."""
