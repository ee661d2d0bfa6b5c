"""Whether the long tests run: ``make soak``."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("VOICETEL_SOAK"))
