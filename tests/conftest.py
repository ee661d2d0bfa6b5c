"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from support.soak import SOAK

# A busy machine is slow; that is no fault of the code. The same examples each time, so that a run fails because of
# what was changed; `make soak` draws new ones.
settings.register_profile("voicetel", deadline=None, derandomize=not SOAK, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voicetel")
