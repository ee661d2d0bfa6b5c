"""outcomes.toml, the packaged one with a user's laid over it, read into ``Rules``."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from voicetel.config_file import read_config
from voicetel.outcomes.names import name_words
from voicetel.outcomes.outcome import CallOutcome
from voicetel.outcomes.phrases.phrase_lines import expand
from voicetel.outcomes.phrases.phrases import Negation
from voicetel.outcomes.rules import (
    Ending,
    FinalStates,
    Phrase,
    PhraseGroup,
    RuleOutcome,
    Rules,
    Settings,
    SipRule,
    Speaker,
    WordRule,
)
from voicetel.outcomes.table import RulesError, Table

PACKAGED = "outcomes.toml"
_VERSION = 2
"""Raised whenever the code finds or classifies differently with the same rules, so that fingerprints change too."""

_OUTCOME_KEYS = ("outcome", "confidence", "directions")
_DIRECTIONS = ("inbound", "outbound", "web", "unknown")
_RULED = tuple(str(outcome) for outcome in CallOutcome if outcome is not CallOutcome.UNKNOWN)


def load_rules(path: str | Path | None = None) -> Rules:
    """The packaged rules, with those of the file at ``path`` laid over them.

    In the user's file a value takes the place of the packaged one of the same name, and tables are laid over each
    other key by key. A list takes the place of a list; ``add`` and ``drop`` beside ``words`` change a packaged
    list instead. Raises RulesError, one line that names file and key.
    """
    return _packaged() if path is None else _laid_over(Path(path))


@functools.cache
def _packaged() -> Rules:
    text = importlib.resources.files("voicetel.outcomes").joinpath(PACKAGED).read_text(encoding="utf-8")
    return parse_rules(_toml(text, PACKAGED), source=PACKAGED, is_packaged=True)


def _laid_over(path: Path) -> Rules:
    source = str(path)
    text = read_config(path, source, hint="name a file of outcome rules", error_type=RulesError)
    packaged = importlib.resources.files("voicetel.outcomes").joinpath(PACKAGED).read_text(encoding="utf-8")
    try:
        return parse_rules(lay_over(_toml(packaged, PACKAGED), _toml(text, source)), source=source)
    except RecursionError as error:
        raise RulesError(f"{source}: nested too deeply") from error


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{source}: {error}") from error


def lay_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with ``above`` laid over it, table by table."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        tables = isinstance(value, Mapping) and isinstance(lower, Mapping)
        merged[key] = lay_over(cast("Mapping[str, Any]", lower), value) if tables else value
    return merged


def parse_rules(data: Mapping[str, Any], *, source: str, is_packaged: bool = False) -> Rules:
    """Rules out of a whole table as outcomes.toml has it. Raises RulesError.

    Of the packaged ones it is known that all phrases are sound; looking at them takes longer than all the rest.
    """
    root = Table(data, source, "")
    root.allow("settings", "brief", "sip_status", "final_state", "amd", "end_reason", "mark", "negation", "phrases")
    settings = _settings(root)
    return Rules(
        source=source,
        fingerprint=_fingerprint(data),
        settings=settings,
        sip_status=tuple(_sip_rule(table) for table in root.table("sip_status").tables()),
        final_states=_final_states(root.table("final_state")),
        amd=tuple(_word_rule(table) for table in root.table("amd").tables()),
        end_reasons=tuple(_ending(table) for table in root.table("end_reason").tables()),
        marks=tuple(_ending(table) for table in root.table("mark").tables()),
        negations=tuple(_negation(table) for table in root.table("negation").tables()),
        phrases=tuple(_phrases(root.table("phrases"), settings, are_sound=is_packaged)),
    )


def _fingerprint(data: Mapping[str, Any]) -> str:
    told = json.dumps([_VERSION, data], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _settings(root: Table) -> Settings:
    table, brief = root.table("settings"), root.table("brief")
    table.allow("late_turns", "early_weight", "contest_weight", "least_confidence", "person_user_turns", "person_turns")
    brief.allow(*_OUTCOME_KEYS, "turns", "seconds")
    return Settings(
        late_turns=table.count("late_turns"),
        early_weight=table.share("early_weight"),
        contest_weight=table.share("contest_weight"),
        least_confidence=table.share("least_confidence"),
        person_user_turns=table.count("person_user_turns"),
        person_turns=table.count("person_turns"),
        brief_turns=brief.count("turns"),
        brief_s=brief.number("seconds"),
        brief=_rule_outcome(brief),
    )


def _rule_outcome(table: Table) -> RuleOutcome:
    return RuleOutcome(
        CallOutcome(table.word("outcome", _RULED)),
        table.share("confidence"),
        table.words_of("directions", _DIRECTIONS),
    )


def _sip_rule(table: Table) -> SipRule:
    table.allow(*_OUTCOME_KEYS, "codes", "at_least")
    codes = table.counts("codes") if table.has("codes") else ()
    at_least = table.count("at_least") if table.has("at_least") else None
    if not codes and at_least is None:
        raise table.error("codes", "is missing: which SIP statuses, or from which on (at_least)?")
    return SipRule(table.name, codes, at_least, _rule_outcome(table))


def _final_states(table: Table) -> FinalStates:
    table.allow("exact", "exact_confidence", "negations", "unfinished", "words")
    exact = table.table("exact")
    return FinalStates(
        exact={name: CallOutcome(exact.word(name, tuple(CallOutcome))) for name in exact.data},
        exact_confidence=table.share("exact_confidence"),
        negations=table.words("negations"),
        unfinished=table.words("unfinished"),
        words=tuple(_word_rule(each) for each in table.table("words").tables()),
    )


def _word_rule(table: Table) -> WordRule:
    table.allow(*_OUTCOME_KEYS, "words", "add", "drop")
    return WordRule(table.name, _names(table), _rule_outcome(table))


def _ending(table: Table) -> Ending:
    table.allow("words", "add", "drop", "spoke", "silent", "after_phrases")
    meanings: dict[str, RuleOutcome | None] = {"spoke": None, "silent": None}
    for key in meanings:
        if table.has(key):
            inner = table.table(key)
            inner.allow(*_OUTCOME_KEYS)
            meanings[key] = _rule_outcome(inner)
    return Ending(table.name, _names(table), **meanings, after_phrases=table.flag("after_phrases"))


def _names(table: Table) -> tuple[str, ...]:
    """Names of states or reasons, each as its words; an open end stays open."""
    names = []
    for line in table.changed_words():
        open_end = line.endswith("*")
        words = " ".join(name_words(line))
        if not words or "*" in line[:-1]:
            raise table.error("words", f"{line!r} has no words, or a * that is not at its end")
        names.append(words + "*" * open_end)
    return tuple(names)


def _negation(table: Table) -> Negation:
    table.allow("words", "add", "drop", "within")
    words = table.changed_words()
    for word in words:
        if any(mark in word for mark in "()|"):
            raise table.error("words", f"{word!r} has choices: write each word by itself")
        _check(word, table)
    return Negation(words, table.count("within"))


def _phrases(table: Table, settings: Settings, *, are_sound: bool) -> list[Phrase]:
    phrases = []
    for language in table.tables():
        for group in language.tables():
            meaning = _phrase_group(language, group, settings)
            words = group.changed_words()
            if not are_sound:
                for line in words:
                    _check(line, group)
            phrases += [Phrase(line, meaning) for line in words]
    return phrases


def _phrase_group(language: Table, group: Table, settings: Settings) -> PhraseGroup:
    group.allow(*_OUTCOME_KEYS, "said_by", "late_only", "opening_only", "person_turns", "beats", "words", "add", "drop")
    said_by = group.word("said_by", ("user", "agent", "anybody"))
    return PhraseGroup(
        name=f"{language.name}.{group.name}",
        said_by=None if said_by == "anybody" else cast("Speaker", said_by),
        result=_rule_outcome(group),
        late_only=group.flag("late_only"),
        opening_only=group.flag("opening_only"),
        person_turns=group.count("person_turns") if group.has("person_turns") else settings.person_turns,
        beats=tuple(CallOutcome(word) for word in group.words_of("beats", _RULED)),
    )


def _check(line: str, group: Table) -> None:
    try:
        expand(line)
    except ValueError as error:
        raise group.error("words", f"{line!r} {error}") from error
