"""slo.toml: what it may say, and what a mistake in it is answered with."""

from __future__ import annotations

from decimal import Decimal

import pytest

from voicetel.errors import UsageError
from voicetel.gate.expectations import holds, parse_expectation, parse_fail_on, parse_measures
from voicetel.gate.slo import parse_slo


def test_a_limit_says_everything() -> None:
    """Every key of a limit is read, with the line on which it begins."""
    text = """# limits
[[limit]]
metric = "eou_latency_ms"
expect = "p95 < 1.5 s"
where = { agent_name = "clinic", language = ["en", "ru"] }
level = "warn"
min_calls = 5
on_no_data = "warn"
name = "quick"
"""
    (limit,) = parse_slo(text, source="slo.toml")
    assert (str(limit.measure), limit.operator, limit.bound) == ("eou_latency_ms p95", "<", Decimal(1500))
    assert limit.where == {"agent_name": ("clinic",), "language": ("en", "ru")}
    assert (limit.level, limit.min_calls, limit.on_no_data, limit.name) == ("warn", 5, "warn", "quick")
    assert str(limit.location) == "slo.toml:2"


def test_tags_are_named_with_quotes_or_without() -> None:
    """TOML takes the point for a table of its own; both mean the tag."""
    quoted, plain = (
        parse_slo(GOOD + f"where = {{ {key} = 'r1', hour_of_day = ['08', '09'] }}\n", source="slo.toml")[0].where
        for key in ('"tag.room"', "tag.room")
    )
    assert quoted == plain == {"tag.room": ("r1",), "hour_of_day": ("08", "09")}


def test_defaults_hold_where_a_limit_is_silent() -> None:
    """[defaults] gives every limit what it does not say itself."""
    text = (
        '[defaults]\nlevel = "warn"\nmin_calls = 3\n[[limit]]\nmetric = "sentiment"\nexpect = "> 0"\nlevel = "fail"\n'
    )
    (limit,) = parse_slo(text, source="slo.toml")
    assert (limit.level, limit.min_calls, limit.on_no_data) == ("fail", 3, "error")


@pytest.mark.parametrize(
    ("metric", "text", "bound"),
    [
        ("eou_latency_ms", "p95<1500", "1500"),
        ("eou_latency_ms", "p99 <= 900 ms", "900"),
        ("interruption_rate", "< 4.5%", "0.045"),
        ("interruption_rate", "rate < .045", "0.045"),
        ("cost", "per_call <= 0.0512", "0.0512"),
        ("sentiment", "avg > -0.25", "-0.25"),
        ("duration_s", "avg < 3 min", "180"),
    ],
)
def test_bounds_are_in_the_unit_of_the_metric(metric: str, text: str, bound: str) -> None:
    """Milliseconds, seconds, percent: a bound is turned into the metric's own unit, exactly."""
    assert parse_expectation(metric, text)[2] == Decimal(bound)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [("<", True, False, False), ("<=", True, True, False), (">", False, False, True), (">=", False, True, True)],
)
def test_limits_are_exact(operator: str, below: bool, at: bool, above: bool) -> None:
    """0.3 is 0.3, of a float as of money."""
    bound = Decimal("0.3")
    values = (Decimal("0.299999999999999999"), 0.3, Decimal("0.300000000000000001"))
    assert tuple(holds(value, operator, bound) for value in values) == (below, at, above)


GOOD = '[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 1500"\n'
MISTAKES = [
    ("", "slo.toml: there is no limit", "[[limit]]"),
    ("[[limit]\n", "slo.toml:1: not valid TOML", None),
    (GOOD.replace("eou_latency_ms", "eou_latency"), "slo.toml:2: unknown metric 'eou_latency'", "eou_latency_ms?"),
    (GOOD.replace("p95", "p59"), "slo.toml:3: eou_latency_ms has no statistic 'p59'", "did you mean p9"),
    (GOOD.replace("p95 ", ""), "slo.toml:3: eou_latency_ms needs a statistic", "p95"),
    (GOOD.replace("<", "=<"), "slo.toml:3: cannot read 'p95 =< 1500'", "such as"),
    (GOOD.replace("1500", "1500 %"), "slo.toml:3: eou_latency_ms p95 is not measured in '%'", "ms, s"),
    (GOOD.replace('"p95 < 1500"', "1500"), "slo.toml:3: expect is not text", "quotes"),
    (GOOD.replace("expect", "expects"), "slo.toml:3: unknown key 'expects'", "did you mean expect?"),
    ('[[limit]]\nmetric = "sentiment"\n', "slo.toml:1: a limit has no expect", "expect"),
    (GOOD + 'level = "worn"\n', "slo.toml:4: level is 'worn'", "did you mean warn?"),
    (GOOD + "min_calls = 0\n", "slo.toml:4: min_calls is not a whole number", None),
    (GOOD + "min_calls = true\n", "slo.toml:4: min_calls is not a whole number", None),
    (GOOD + 'on_no_data = "pass"\n', "slo.toml:4: on_no_data is 'pass'", "error, warn"),
    (GOOD + 'where = { agent = "x" }\n', "slo.toml:4: where: calls have no 'agent'", "agent_name?"),
    (GOOD + 'where = { model = "x" }\n', "slo.toml:4: where: calls have no 'model'", "of operations"),
    (GOOD + "where = { agent_name = 3 }\n", "slo.toml:4: where: agent_name is neither", None),
    (GOOD + "\n" + GOOD.replace("p95", "p95x"), "slo.toml:7: eou_latency_ms has no statistic", "p95?"),
    (GOOD.replace("[[limit]]", "[[limits]]"), "slo.toml:1: unknown key 'limits'", "did you mean limit?"),
    ("limit = 3\n", "slo.toml:1: limit is not an array of tables", "[[limit]]"),
    ("[defaults]\nmetric = 'x'\n" + GOOD, "slo.toml:2: unknown key 'metric'", None),
    (
        GOOD.replace("eou_latency_ms", "refused_share").replace("p95", "share").replace("1500", "1 %")
        + 'where = { agent_name = "x" }\n',
        "slo.toml:4: refused_share counts lines",
        None,
    ),
]


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES)
def test_a_mistake_is_named_with_its_line(text: str, message: str, hint: str | None) -> None:
    """Each mistake is refused with file, line and, where one comes near, the right word."""
    with pytest.raises(UsageError) as error:
        parse_slo(text, source="slo.toml")
    assert str(error.value).startswith(message)
    assert (hint or "") in (error.value.hint or "")


@pytest.mark.parametrize(
    ("text", "measure", "change", "relative"),
    [
        ("eou_latency_ms p95 +10%", "eou_latency_ms p95", 0.1, True),
        ("eou_latency_ms p95 +150ms", "eou_latency_ms p95", 150.0, False),
        ("eou_latency_ms  avg  +0.1 s", "eou_latency_ms avg", 100.0, False),
        ("success_rate -5pt", "success_rate rate", -0.05, False),
        ("cost per_call −2 %", "cost per_call", -0.02, True),
    ],
)
def test_changes_are_read(text: str, measure: str, change: float, relative: bool) -> None:
    """A change is relative with %, else in the unit of the metric; points are hundredths of a share."""
    found = parse_fail_on(text)
    assert (str(found.measure), found.relative) == (measure, relative)
    assert found.change == pytest.approx(change)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eou_latency_ms p95", "cannot read"),
        ("eou_latency_ms max +10%", "cannot be compared"),
        ("refused_share +1%", "cannot be compared"),
        ("cost total +10%", "cannot be compared"),
        ("eou_latency_ms p95 +5pt", "is not measured in 'pt'"),
        ("eou_latncy_ms p95 +10%", "unknown metric"),
        ("success_rate -100%", "100 %"),
    ],
)
def test_changes_that_mean_nothing_are_refused(text: str, message: str) -> None:
    """What cannot be judged is refused before any log is read."""
    with pytest.raises(UsageError, match=message):
        parse_fail_on(text)


def test_a_metric_alone_is_what_is_compared_of_it() -> None:
    """Without a statistic a metric stands for those that are compared anyway, or for all that can be."""
    assert [str(each) for each in parse_measures("llm_ttft_ms")] == ["llm_ttft_ms p50", "llm_ttft_ms p95"]
    assert [str(each) for each in parse_measures("duration_s")] == ["duration_s avg"]
    assert [str(each) for each in parse_measures("llm_ttft_ms p99")] == ["llm_ttft_ms p99"]
    with pytest.raises(UsageError, match="cannot be compared"):
        parse_measures("calls")
    with pytest.raises(UsageError, match="cannot read ''"):
        parse_measures("")
