-- Macros that compute a turn's latencies from its operations. voicetel/events/metrics.py says in words what each one is.
-- stages, statuses, starts, ttfbs, durations: one field each of the turn's operations, as lists, in the order of their starts.
-- A list of one field is many times cheaper to look into than a list of wide structs. Results in ms as DECIMAL, NULL where unknown.

-- A value that cannot be below zero; below zero it says nothing.
CREATE OR REPLACE TEMP MACRO known(x) AS CASE WHEN x >= 0 THEN x END;

-- A number that must be whole.
CREATE OR REPLACE TEMP MACRO whole(x) AS CASE WHEN x = floor(x) AND abs(x) < 9007199254740992 THEN TRY_CAST(x AS BIGINT) END;

-- Milliseconds, exact to the thousandth. Infinite and not a number: unknown.
CREATE OR REPLACE TEMP MACRO exact_ms(x) AS TRY_CAST(x AS DECIMAL(16, 3));

-- A latency as logged. One that is finite but too large to be exact is not unknown, it is impossible.
CREATE OR REPLACE TEMP MACRO logged_ms(x) AS
    CASE WHEN abs(x) >= 1e13 AND isfinite(x) THEN CAST(-1 AS DECIMAL(16, 3)) ELSE exact_ms(x) END;

-- What operations are ordered by: those without a start come behind the others, in their order.
CREATE OR REPLACE TEMP MACRO start_of(o) AS coalesce(o.start_ms, 9999999999999);

CREATE OR REPLACE TEMP MACRO in_order_of_start(ops) AS
    list_select(ops, list_grade_up(list_transform(ops, lambda o, i: {start_ms: start_of(o), place: i})));

-- Whether none of some starts is smaller than the one before it. To sort them and compare takes four times as long.
CREATE OR REPLACE TEMP MACRO is_in_order(starts) AS
    list_reduce(starts, lambda before, start: CASE WHEN before <= start THEN start END, -9999999999999.999) IS NOT NULL;

-- What stands in vals beside the first operation of a stage.
CREATE OR REPLACE TEMP MACRO of_first(vals, stages, stage) AS vals[list_position(stages, stage)];

CREATE OR REPLACE TEMP MACRO llm_ttft_ms(stages, statuses, ttfbs) AS
    ttfbs[list_position(list_transform(stages, lambda stage, i: stage = 'llm' AND (statuses[i] IS NULL OR statuses[i] = 'ok')), true)];

-- One negative part makes the sum impossible, not smaller.
CREATE OR REPLACE TEMP MACRO sum_or_impossible(vals) AS
    CASE WHEN list_min(vals) < 0 THEN CAST(-1 AS DECIMAL(18, 3)) ELSE TRY_CAST(list_sum(vals) AS DECIMAL(18, 3)) END;

CREATE OR REPLACE TEMP MACRO llm_latency_ms(stages, statuses, durations) AS
    sum_or_impossible(list_transform(
        stages, lambda stage, i: CASE WHEN stage = 'llm' AND statuses[i] IS DISTINCT FROM 'cancelled' THEN durations[i] END));

-- Inside [from_ms, to_ms], what lies uncovered right before each begin and before to_ms: from the latest end so far to there.
-- begins, ends: of the operations that have a place, in the order of begins, NULL for others; nothing is known where all are.
CREATE OR REPLACE TEMP MACRO unattributed_ms(begins, ends, from_ms, to_ms) AS
    CASE WHEN to_ms >= from_ms AND list_count(ends) > 0
    THEN CAST(list_sum(list_transform(
        list_append(begins, to_ms),
        lambda begin_ms, i: CASE WHEN begin_ms IS NOT NULL
            THEN greatest(0, least(begin_ms, to_ms) - greatest(from_ms, list_max(ends[1:i - 1]))) END)) AS DECIMAL(18, 3)) END;
