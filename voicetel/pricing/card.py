"""TOML → a rate card, or one line that says what is wrong with it and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from voicetel.pricing.document import CardDocument
from voicetel.pricing.match import ProviderRates, RateCard
from voicetel.pricing.money import CURRENCY_CODE
from voicetel.pricing.tables import ProviderReader, rate_keys
from voicetel.pricing.units import STAGES
from voicetel.suggestion import did_you_mean
from voicetel.toml_document import entries, path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicetel.toml_document import KeyPath, Table

_TOP_KEYS = ("currency", "list_check", "alias", *STAGES)


def parse_card(text: str, *, source: str) -> RateCard:
    """Read a rate card. ``source`` names it in messages.

    Raises PricingError for anything that cannot be meant: what a card says is either used or refused.
    """
    document = CardDocument(source, text)
    top = document.read()
    currency = _currency(document, top)
    for key, value in top.items():
        if key not in _TOP_KEYS:
            _unknown(document, key, value, currency)
    list_check = document.boolean((), top, "list_check", default=True)
    tables: dict[tuple[str, str], ProviderRates] = {}
    for stage in STAGES:
        for provider, found in _providers(document, top, stage).items():
            reader = ProviderReader(document, currency, list_check, (stage, provider))
            tables[stage, provider] = reader.read(found)
    return RateCard(currency, source, tables, _aliases(document, top, {provider for _, provider in tables}))


def _currency(document: CardDocument, top: Table) -> str:
    value = top.get("currency")
    if not isinstance(value, str) or not re.fullmatch(CURRENCY_CODE, value):
        written = re.search(r"(?m)^\s*([a-z]{3})_per_", document.text)
        hint = f'write currency = "{written[1].upper() if written else "USD"}" at the top'
        problem = "is missing" if value is None else "is not a currency code of three letters"
        document.fail(("currency",), problem, hint)
    return value.upper()


def _unknown(document: CardDocument, key: str, value: object, currency: str) -> NoReturn:
    if isinstance(value, dict | list):
        hint = did_you_mean(key, _TOP_KEYS) or f"the stages are {', '.join(STAGES)}"
        document.fail((key,), "unknown stage", hint)
    if key in rate_keys(currency):
        document.fail((key,), "a rate outside of a table", "a rate belongs to a provider: [stt.deepgram]")
    hint = did_you_mean(key, _TOP_KEYS) or f"known here: {', '.join(_TOP_KEYS)}"
    document.fail((key,), "unknown key", hint)


def _providers(document: CardDocument, top: Table, stage: str) -> dict[str, list[tuple[KeyPath, Table]]]:
    table = top.get(stage, {})
    if not isinstance(table, dict):
        document.fail((stage,), "is not a table of providers", f"a provider has a table: [{stage}.deepgram]")
    providers: dict[str, list[tuple[KeyPath, Table]]] = {}
    for name, value in table.items():
        path = (stage, name)
        found = entries(value)
        provider = name.strip().lower()
        if found is None:
            document.fail(path, "is not a provider's table", f"rates stand in a provider's table: [{stage}.deepgram]")
        if "*" in name:
            document.fail(path, "a pattern in a provider's name", "patterns are for models; [alias] maps providers")
        if provider in providers:
            document.fail(path, "the same provider twice, in other letters", "keep one of them")
        providers[provider] = found
    return providers


def _aliases(document: CardDocument, top: Table, providers: set[str]) -> Mapping[str, str]:
    table = top.get("alias", {})
    example = 'write [alias], and below it "api.groq.com" = "groq"'
    if not isinstance(table, dict):
        document.fail(("alias",), "is not a table", example)
    aliases: dict[str, str] = {}
    for keys, target in _leaves(table):
        path = ("alias", *keys)
        alias = ".".join(keys).strip().lower()
        if not isinstance(target, str):
            document.fail(path, "is not the name of a provider", example)
        provider = target.strip().lower()
        if provider not in providers:
            hint = did_you_mean(provider, providers)
            document.fail(path, f"the card has no rate for provider {path_text((target,))}", hint)
        if alias in providers:
            document.fail(path, "the provider has a table of its own", "drop the alias or the table")
        if alias in aliases:
            document.fail(path, "the same alias twice, in other letters", "keep one of them")
        aliases[alias] = provider
    return aliases


def _leaves(table: Table, path: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], object]]:
    """Unquoted, ``api.groq.com = "groq"`` is three nested tables to TOML; here it means the dotted name."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value
