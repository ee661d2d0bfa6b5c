"""Names of models, as logs and invoices write them."""

from __future__ import annotations

import re

_EDITION = re.compile(r"-(?:\d{4}-?\d{2}-?\d{2}|latest|preview|general)$")


def family_of(model: str) -> str:
    """A model's name in lower case, without the date of its edition."""
    return _EDITION.sub("", model.casefold())


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two names are of one model: in any letter case, with or without the date of its edition."""
    if one is None or other is None:
        return one is other
    return family_of(one) == family_of(other)
