"""What makes amounts doubtful: a sentence on each rate that prices something and lies far off its list price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.pricing import outliers_from_price_list

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard

PRICED_RATES_SQL = "(SELECT DISTINCT card_table FROM rates WHERE is_priced)"
"""The tables of the card that price something of the selected calls; wants ``price_usage`` or ``prepare_rates``.

What a provider charged itself is priced by no rate.
"""


def rate_notes(context: AnalysisContext, card: RateCard) -> tuple[str, ...]:
    """Sentences on the rates that price something of these calls and lie far off their list price, in the order of the card."""
    return notes_on_rates(card, priced_rates(context.connection))


def priced_rates(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The keys of PRICED_RATES_SQL."""
    return frozenset(key for (key,) in connection.execute(f"FROM {PRICED_RATES_SQL}").fetchall())


def notes_on_rates(card: RateCard, keys: Collection[str]) -> tuple[str, ...]:
    """The same sentences of the rates with these keys, which may come from several parts of the calls."""
    if not keys:
        return ()
    return tuple(outlier.short_sentence for outlier in outliers_from_price_list(card, keys=keys))
