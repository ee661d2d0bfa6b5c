"""What is refused in a rate card, and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.errors import ExitCode
from voicetel.pricing import PricingError, parse_card

USD = 'currency = "USD"\n'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            USD + "[stt.deepgram]\nusd_per_secnd = 0.0043",
            "pricing.toml:3: stt.deepgram.usd_per_secnd: unknown key",
            "did you mean usd_per_second?",
        ),
        (
            USD + "[llm.groq]\nusd_per_1m_input_token = 0.05",
            "pricing.toml:3: llm.groq.usd_per_1m_input_token: unknown key",
            "did you mean usd_per_1m_input_tokens?",
        ),
        (
            USD + "[llm.groq]\nusd_per_minute = 1\nroundup_to_s = 60",
            "pricing.toml:4: llm.groq.roundup_to_s: unknown key",
            "did you mean round_up_to_s?",
        ),
        (
            USD + "[llm.groq]\nusd_per_minute = 1\nzzz = 60",
            "pricing.toml:4: llm.groq.zzz: unknown key",
            "docs/pricing.md lists every key",
        ),
        (
            USD + "[sst.deepgram]\nusd_per_second = 1",
            "pricing.toml:2: sst: unknown stage",
            "did you mean stt?",
        ),
        (
            USD + "[telephony.twilio]\nusd_per_second = 1",
            "pricing.toml:2: telephony: unknown stage",
            "the stages are stt, llm, tts, realtime, eot, tool, transport, platform",
        ),
        ('curency = "USD"', "pricing.toml: currency: is missing", 'write currency = "USD" at the top'),
        (
            "[stt.deepgram]\nrub_per_second = 1",
            "pricing.toml: currency: is missing",
            'write currency = "RUB" at the top',
        ),
        (
            'currency = "dollars"',
            "pricing.toml:1: currency: is not a currency code of three letters",
            'write currency = "USD" at the top',
        ),
        (USD + 'agent = "x"', "pricing.toml:2: agent: unknown key", None),
        (USD + "list_chek = false", "pricing.toml:2: list_chek: unknown key", "did you mean list_check?"),
        (USD + "list_check = 0", "pricing.toml:2: list_check: is neither true nor false", None),
        (
            USD + "usd_per_second = 1",
            "pricing.toml:2: usd_per_second: a rate outside of a table",
            "a rate belongs to a provider: [stt.deepgram]",
        ),
        (
            USD + "stt = 5",
            "pricing.toml:2: stt: is not a table of providers",
            "a provider has a table: [stt.deepgram]",
        ),
        (
            USD + "[stt]\nusd_per_second = 1",
            "pricing.toml:3: stt.usd_per_second: is not a provider's table",
            "rates stand in a provider's table: [stt.deepgram]",
        ),
        (
            USD + '[stt."deep*"]\nusd_per_second = 1',
            'pricing.toml:2: stt."deep*": a pattern in a provider\'s name',
            "patterns are for models; [alias] maps providers",
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = 1\n[stt.Deepgram]\nusd_per_second = 1",
            "pricing.toml:2: stt.Deepgram: the same provider twice, in other letters",
            "keep one of them",
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = -1",
            "pricing.toml:3: stt.deepgram.usd_per_second: is negative",
            "a rate is at least 0; a discount is a multiplier below 1",
        ),
        (
            USD + '[stt.deepgram]\nusd_per_second = "0.0043"',
            "pricing.toml:3: stt.deepgram.usd_per_second: is text, not a number",
            "write the number without quotes",
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = true",
            "pricing.toml:3: stt.deepgram.usd_per_second: is not a number",
            None,
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = nan",
            "pricing.toml:3: stt.deepgram.usd_per_second: is not a finite number",
            None,
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = -inf",
            "pricing.toml:3: stt.deepgram.usd_per_second: is not a finite number",
            None,
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = 1e999999",
            "pricing.toml:3: stt.deepgram.usd_per_second: is out of all proportion",
            "look at its exponent",
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = 1e-999999",
            "pricing.toml:3: stt.deepgram.usd_per_second: is out of all proportion",
            "look at its exponent",
        ),
        (
            USD + "[platform.x]\nusd_per_call = 100000",
            "pricing.toml:3: platform.x.usd_per_call: is 100000 USD or more for a single call",
            "check its unit",
        ),
        (
            USD + "[llm.x]\nusd_per_1m_input_tokens = 1e-14",
            "pricing.toml:3: llm.x.usd_per_1m_input_tokens: is nothing when rounded to 18 places",
            "check its unit; what is free has the rate 0",
        ),
        (USD + "[stt.deepgram]", "pricing.toml:2: stt.deepgram: has no rate", "add one, such as usd_per_minute"),
        (
            USD + "[llm.groq]\nmultiplier = 2\n[llm.groq.a]\nusd_per_minute = 1",
            "pricing.toml:2: llm.groq: has no rate",
            "add one, such as usd_per_minute",
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = 1\nusd_per_minute = 60",
            "pricing.toml:4: stt.deepgram.usd_per_minute: prices the same as usd_per_second",
            "keep one of them",
        ),
        (
            USD + "[stt.deepgram]\nrub_per_second = 1",
            "pricing.toml:3: stt.deepgram.rub_per_second: is in RUB, but the card is in USD",
            'write usd_per_second, or currency = "RUB" for the whole card: amounts are never converted',
        ),
        (
            USD + "[stt.deepgram]\nusd_per_second = 1\nmultiplier = 0",
            "pricing.toml:4: stt.deepgram.multiplier: is 0",
            "it must be more than 0",
        ),
        (
            USD + "[tts.x]\nusd_per_1k_characters = 1\nround_up_to_s = 60",
            "pricing.toml:4: tts.x.round_up_to_s: rounds time, but the table has no rate for time",
            "add one or drop it",
        ),
        (
            USD + "[tts.x]\nusd_per_minute = 1\nround_up_to_s = 100000",
            "pricing.toml:4: tts.x.round_up_to_s: is not a number of microseconds up to 86400 seconds",
            "60 bills whole minutes",
        ),
        (
            USD + '[tts.x]\nusd_per_minute = 1\neffective_from = "2026-01-01"',
            "pricing.toml:4: tts.x.effective_from: is not a day",
            "write a UTC day without quotes: effective_from = 2026-01-31",
        ),
        (
            USD + "[tts.x]\nusd_per_minute = 1\neffective_from = 2026-01-01T00:00:00Z",
            "pricing.toml:4: tts.x.effective_from: is not a day",
            "write a UTC day without quotes: effective_from = 2026-01-31",
        ),
        (
            USD + "[tts.x]\nusd_per_minute = 1\neffective_from = 2026-02-30",
            "pricing.toml:4: not valid TOML: ",
            None,
        ),
        (
            USD + "[[tts.x]]\nusd_per_minute = 1\n[[tts.x]]\nusd_per_minute = 2",
            "pricing.toml:4: tts.x: a second rate without effective_from",
            "give each rate of a history a day of its own",
        ),
        (
            USD + "[[tts.x]]\nusd_per_minute = 1\neffective_from = 2026-01-01\n"
            "[[tts.x]]\nusd_per_minute = 2\neffective_from = 2026-01-01",
            "pricing.toml:5: tts.x: a second rate from 2026-01-01",
            "give each rate of a history a day of its own",
        ),
        (
            USD + "[[tts.x]]\nusd_per_minute = 1\n[[tts.x]]\nusd_per_minut = 2\neffective_from = 2026-01-01",
            "pricing.toml:5: tts.x.usd_per_minut: unknown key",
            "did you mean usd_per_minute?",
        ),
        (
            USD + "[[tts.x]]\nusd_per_minute = 1\n[tts.x.a]\nusd_per_minute = 1\n"
            "[[tts.x]]\nusd_per_minute = 2\neffective_from = 2026-01-01\n[tts.x.a]\nusd_per_minute = 1",
            "pricing.toml:9: tts.x.a: the same model twice",
            "keep one of them",
        ),
        (
            USD + "[llm.groq.llama-3.1-8b]\nusd_per_minute = 1",
            "pricing.toml:2: llm.groq.llama-3.1-8b: a table inside of a model's table",
            'dots in a model\'s name need quotes: [llm.groq."llama-3.1-8b"]',
        ),
        (
            USD + "[llm]\ngroq = {usd_per_minut = 1}",
            "pricing.toml:3: llm.groq.usd_per_minut: unknown key",
            "did you mean usd_per_minute?",
        ),
        (USD + "[tts.x]\nusd_per_minute = 1\nsource = 5", "pricing.toml:4: tts.x.source: is not text", None),
        (
            USD + '[llm.groq]\nusd_per_minute = 1\n[alias]\n"api.groq.com" = "grok"',
            'pricing.toml:5: alias."api.groq.com": the card has no rate for provider grok',
            "did you mean groq?",
        ),
        (
            USD + '[llm.groq]\nusd_per_minute = 1\n[alias]\ngroq = "groq"',
            "pricing.toml:5: alias.groq: the provider has a table of its own",
            "drop the alias or the table",
        ),
        (
            USD + '[llm.groq]\nusd_per_minute = 1\n[alias]\na = "groq"\nA = "groq"',
            "pricing.toml:5: alias.A: the same alias twice, in other letters",
            "keep one of them",
        ),
        (
            USD + "[alias]\na = 5",
            "pricing.toml:3: alias.a: is not the name of a provider",
            'write [alias], and below it "api.groq.com" = "groq"',
        ),
        (USD + "alias = 5", "pricing.toml:2: alias: is not a table", None),
        (USD + "[llm.groq]\nusd_per_minute = 1\nusd_per_minute = 2", "pricing.toml:4: not valid TOML: ", None),
        (USD + "[llm.groq]\n[llm.groq]", "pricing.toml:3: not valid TOML: ", None),
        (USD + "[llm.groq]\nusd_per_minute = 1,5", "pricing.toml:3: not valid TOML: ", None),
        (
            USD + "[llm.groq]\nusd_per_minute = 1e99999999999999999999999",
            "pricing.toml: not valid TOML: a number that cannot be read",
            None,
        ),
        (USD + "[llm.groq]\nusd_per_minute = " + "9" * 5000, "pricing.toml: not valid TOML: ", None),
        (USD + "x = " + "[" * 100_000, "pricing.toml: not valid TOML: nested too deeply", None),
        (
            USD + '[llm.groq]\n"evil\\u001b[31m\\n" = 1',
            'pricing.toml:3: llm.groq."evil\\u001B[31m\\u000A": unknown key',
            None,
        ),
    ],
    ids=range(55),
)
def test_a_wrong_card_is_one_line_with_file_key_and_what_to_write(text: str, message: str, hint: str | None) -> None:
    """Every mistake names the file, the line, the key and, where it can be guessed, what was meant; exit code 2."""
    with pytest.raises(PricingError) as caught:
        parse_card(text, source="pricing.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    if hint is not None:
        assert (caught.value.hint or "").startswith(hint)
    assert caught.value.exit_code == ExitCode.USAGE


KEYS = st.sampled_from(
    ["stt", "llm", "x", "currency", "alias", "usd_per_minute", "multiplier", "effective_from", "source", '"a*"']
)
VALUES = st.sampled_from(
    ["1", "-1", "0.5", "nan", '"USD"', "true", "2026-01-01", "[]", "[1]", "[{}]", "{}", "1e9", "{usd_per_minute = 1}"]
)
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("[{}.{}]".format, KEYS, KEYS),
    st.builds("[[{}.{}]]".format, KEYS, KEYS),
    st.builds("[{}.x.{}]".format, KEYS, KEYS),
)


@given(st.lists(LINES, max_size=8))
def test_a_card_is_read_or_refused_in_one_line(lines: list[str]) -> None:
    """Whatever stands in the file, there is a card or one line, never another exception."""
    try:
        card = parse_card(USD + "\n".join(lines), source="pricing.toml")
    except PricingError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both ends are right
    else:
        assert card.currency == "USD"
