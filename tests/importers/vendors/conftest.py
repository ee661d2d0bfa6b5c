"""Tests against the vendors' own packages, which cannot share an environment with all that the others need.

They run by themselves, ``make vendors``; where the packages are missing, as in the other runs, they are not collected.
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if all(map(find_spec, ("vapi", "retell", "elevenlabs", "twilio"))) else ["test_*.py"]
