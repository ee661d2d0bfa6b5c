"""Where the rate card is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicetel.pricing import PricingError, list_prices, load_card

ROOT = Path(__file__).parents[2]


def card_at(path: Path, per_minute: int) -> Path:
    """A card with one rate, to tell cards apart by."""
    path.write_text(f'currency = "USD"\n[stt.x]\nusd_per_second = {per_minute}\n', encoding="utf-8")
    return path


def per_second(path: str | Path | None, env: dict[str, str], cwd: Path) -> object:
    """The rate that tells which card was read."""
    return load_card(path, env=env, cwd=cwd).match("stt", "x", None)[0].per_second


def test_the_named_card_beats_the_variable_beats_the_folder(tmp_path: Path) -> None:
    """--pricing, then $VOICETEL_PRICING, then ./pricing.toml."""
    named, by_variable = card_at(tmp_path / "named.toml", 1), card_at(tmp_path / "variable.toml", 2)
    card_at(tmp_path / "pricing.toml", 3)
    env = {"VOICETEL_PRICING": str(by_variable)}
    assert per_second(named, env, tmp_path) == 1
    assert per_second(None, env, tmp_path) == 2
    assert per_second(None, {"VOICETEL_PRICING": ""}, tmp_path) == 3


def test_without_any_card_the_packaged_one_is_read(tmp_path: Path) -> None:
    """In a folder without a card the four shipped rates apply."""
    card = load_card(env={}, cwd=tmp_path)
    assert [rate.key for rate in card.rates()] == ["stt.deepgram", "llm.groq", "tts.cartesia", "transport.livekit"]
    assert card.source == "packaged pricing.toml"


def test_the_shipped_rates_are_to_the_letter() -> None:
    """The card in the repository says exactly what it promises."""
    lines = (ROOT / "pricing.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        'currency = "USD"',
        "[stt.deepgram]",
        "usd_per_second = 0.0043",
        "[llm.groq]",
        "usd_per_1m_input_tokens = 0.05",
        "usd_per_1m_output_tokens = 0.08",
        "[tts.cartesia]",
        "usd_per_1k_characters = 0.015",
        "[transport.livekit]",
        "usd_per_minute = 0.004",
    ]


def test_list_means_the_published_prices(tmp_path: Path) -> None:
    """``list`` in place of a path, or in the variable, is the card of published prices."""
    assert load_card("list") == list_prices()
    assert load_card(env={"VOICETEL_PRICING": "list"}, cwd=tmp_path) == list_prices()


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    """An editor's byte order mark at the start of the file is skipped."""
    path = tmp_path / "bom.toml"
    path.write_text('currency = "USD"\n[stt.x]\nusd_per_second = 1\n', encoding="utf-8-sig")
    assert load_card(path).currency == "USD"


@pytest.mark.parametrize("content", [None, b'currency = "\xff"'])
def test_a_card_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    """A missing file and one that is not UTF-8 are named, in one line; the packaged card never stands in for them."""
    path = tmp_path / "gone.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PricingError) as caught:
        load_card(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
