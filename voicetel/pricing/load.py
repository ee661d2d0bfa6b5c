"""Where the rate card comes from: the one that was named, the one in this folder, or the one that ships."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicetel.config_file import PRICING_VARIABLE, read_config
from voicetel.pricing.card import parse_card
from voicetel.pricing.errors import PricingError
from voicetel.pricing.price_lists.catalog import with_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.pricing.match import RateCard

LIST: Final = "list"
"""In place of a path: the dated list prices that come with the package."""

LIST_PRICES: Final = "list prices"
"""What the source of their card begins with."""


def load_card(
    path: str | Path | None = None, *, env: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> RateCard:
    """The rate card at ``path``, else at ``$VOICETEL_PRICING``, else ``./pricing.toml``, else the packaged one.

    ``"list"`` for a path means the list prices of the package. Raises PricingError, one line, if the card cannot
    be read or means nothing.
    """
    named = path if path is not None else env.get(PRICING_VARIABLE) or None
    if named == LIST:
        return list_prices()
    if named is not None:
        return _read(Path(named), str(named))
    local = (cwd or Path()) / "pricing.toml"
    if local.is_file():
        return _read(local, "pricing.toml")
    return _packaged()


def list_prices() -> RateCard:
    """List prices, each with its source and the day on which it was true: of this package, and of voice-prices if installed."""
    return with_catalog(packaged_list_prices())


@cache
def packaged_list_prices() -> RateCard:
    """The list prices that come with this package: what the check of rates needs, and what voice-prices does not have."""
    text = files("voicetel.pricing.price_lists").joinpath("list_prices.toml").read_text(encoding="utf-8")
    return parse_card(text, source=LIST_PRICES)


def _packaged() -> RateCard:
    packaged = files("voicetel.pricing").joinpath("default.toml")
    if packaged.is_file():
        return parse_card(packaged.read_text(encoding="utf-8"), source="packaged pricing.toml")
    return _read(Path(__file__).parents[2] / "pricing.toml", "packaged pricing.toml")


def _read(path: Path, source: str) -> RateCard:
    hint = "name a rate card with --pricing, or leave it out for the packaged one"
    text = read_config(path, source, hint=hint, error_type=PricingError)
    return parse_card(text, source=source)
