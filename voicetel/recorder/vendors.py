"""Who sends the bill, out of what a framework knows about a component: a name, a host, or nothing but its Python module."""

from __future__ import annotations

import re

from voicetel.events import providers

_PLUGIN = re.compile(r"^(?:livekit\.plugins|pipecat\.services)\.(?P<vendor>[a-z0-9_]+)")


def provider_name(vendor: str | None, module: str = "") -> str | None:
    """Give the vendor who bills, lower case, or None where nothing says who.

    ``vendor`` is the framework's word for it, a name or a host; ``module`` is the component's Python module, which
    decides where there is no word: ``livekit.plugins.deepgram.stt`` is deepgram.
    """
    name = providers.provider_name(vendor)
    plugin = _PLUGIN.match(module) if name is None else None
    return plugin["vendor"] if plugin else name
