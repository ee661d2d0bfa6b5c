"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine is slow; that is no fault of the code.
settings.register_profile("voicetel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voicetel")
