"""outcomes.toml and a user's file over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicetel.errors import ExitCode
from voicetel.outcomes import Evidence, Rules, RulesError, classify, load_rules, phrase_hits
from voicetel.outcomes.phrases.phrase_lines import expand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def laid_over(tmp_path: Path) -> Callable[[str], Rules]:
    """Rules with the given text laid over the packaged ones."""

    def load(text: str) -> Rules:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return load_rules(path)

    return load


def test_a_users_mapping_of_states_comes_first(laid_over: Callable[[str], Rules]) -> None:
    """An exact name beats the words in it, and one mapped to unknown silences them."""
    rules = laid_over('[final_state.exact]\ns_17 = "success"\nbooking_failed = "unknown"\n')
    assert classify(Evidence(final_state="s_17"), rules).outcome == "success"
    assert classify(Evidence(final_state="booking_failed"), rules).outcome == "unknown"
    assert classify(Evidence(final_state="payment_failed"), rules).outcome == "fail"


def test_lists_are_added_to_and_taken_from(laid_over: Callable[[str], Rules]) -> None:
    """``add`` and ``drop`` change a packaged list; ``words`` takes its place."""
    rules = laid_over(
        '[phrases.en.refusal]\nadd = ["go fish*"]\n'
        '[phrases.ru.wrong_number]\nwords = ["не тот абонент"]\n'
        '[final_state.words.success]\ndrop = ["book"]\nadd = ["jackpot"]\n'
    )
    assert phrase_hits("Go fishing!", rules)
    assert phrase_hits("I'm not interested", rules)
    assert not phrase_hits("Вы ошиблись", rules)
    assert phrase_hits("Это не тот абонент", rules)
    assert classify(Evidence(final_state="jackpot"), rules).outcome == "success"
    assert classify(Evidence(final_state="book"), rules).outcome == "unknown"


def test_a_language_of_ones_own(laid_over: Callable[[str], Rules]) -> None:
    """Groups of any language can be added whole."""
    rules = laid_over(
        '[phrases.de.refusal]\noutcome = "fail"\nconfidence = 0.9\nsaid_by = "user"\nwords = ["kein(|e) interesse"]\n'
    )
    assert [rules.phrases[i].group.name for i in phrase_hits("Nein, KEIN Interesse.", rules)] == ["de.refusal"]


def test_the_fingerprint_follows_the_rules(laid_over: Callable[[str], Rules]) -> None:
    """It is the same for the same rules and another for others."""
    assert load_rules().fingerprint == load_rules().fingerprint
    assert laid_over("").fingerprint == load_rules().fingerprint
    assert laid_over("[settings]\nlate_turns = 3\n").fingerprint != load_rules().fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[settings]\nlate_turn = 3", r"settings\.late_turn is no key.*did you mean 'late_turns'"),
        ("[setings]\n", r"setings is no key.*did you mean 'settings'"),
        ("[settings]\nlate_turns = -1", r"settings\.late_turns is -1: it must be a whole number"),
        ("[settings]\nearly_weight = 1.5", r"settings\.early_weight is 1\.5: it must be from 0 to 1"),
        ('[brief]\noutcome = "noanswer"', r"brief\.outcome is 'noanswer'.*did you mean 'no_answer'"),
        ('[amd.fax]\ndirections = ["outbond"]', r"amd\.fax\.directions has 'outbond'.*did you mean 'outbound'"),
        ("[amd]\nfax = 3", r"amd\.fax must be a table"),
        ('[sip_status.x]\noutcome = "fail"\nconfidence = 1', r"sip_status\.x\.codes is missing"),
        ('[final_state.exact]\nx = "won"', r"final_state\.exact\.x is 'won'"),
        ('[phrases.en.refusal]\nadd = ["a (b"]', r"phrases\.en\.refusal\.words 'a \(b' has a bracket"),
        ('[phrases.en.refusal]\nadd = ["a* b"]', r"has a \* that does not follow its last letter"),
        ('[phrases.en.refusal]\nadd = ["..."]', r"stands for a phrase without words"),
        ('[phrases.en.refusal]\nadd = ["stop"]\nsaid_by = "caller"', r"said_by is 'caller'"),
        ('[phrases.en.new]\nwords = ["x"]', r"phrases\.en\.new\.said_by is missing"),
        ('[phrases.en.refusal]\ndrop = ["stop caling"]', r"which is not among its words"),
        ('[phrases.en.refusal]\nwords = "stop"', r"words must be a list of strings"),
        ("[phrases.en.refusal]\nlate_only = 1", r"late_only is 1: it must be true or false"),
        ('[negation.en]\nadd = ["--"]', r"negation\.en\.words '--' stands for a phrase without words"),
        ('[negation.en]\nadd = ["(no|not)"]', r"negation\.en\.words '\(no\|not\)' has choices"),
        ("[[settings", r"mine\.toml: "),
    ],
)
def test_a_mistake_is_named_in_one_line(laid_over: Callable[[str], Rules], text: str, message: str) -> None:
    """File, key, what is wrong with it and the likely word, as a usage error."""
    with pytest.raises(RulesError, match=message) as caught:
        laid_over(text)
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """So is one that is no text."""
    with pytest.raises(RulesError, match=r"gone\.toml: cannot be read: No such file"):
        load_rules(tmp_path / "gone.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RulesError, match="not UTF-8"):
        load_rules(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("line", "phrases"),
    [
        ("don't call", ["don t call "]),
        ("запис(ал|ала)* вас", None),
        ("запис(ал|ан*)", ["запис ал ".replace(" ", "", 1), "записан"]),
        ("(a |)b", ["a b ", "b "]),
        ("a (b|c (d|e))", ["a b ", "a c d ", "a c e "]),
        ("Ещё*", ["еще"]),
    ],
)
def test_a_line_stands_for_its_choices(line: str, phrases: list[str] | None) -> None:
    """Choices, nested or empty, are multiplied out; an open end has no space after it."""
    if phrases is None:
        with pytest.raises(ValueError, match="last letter"):
            expand(line)
    else:
        assert [key.replace("  ", " ") for key in expand(line)] == phrases


def test_a_line_may_not_stand_for_thousands() -> None:
    """A product too large to search for is refused."""
    with pytest.raises(ValueError, match="more than 500"):
        expand("(a|b|c|d|e|f) " * 5)
