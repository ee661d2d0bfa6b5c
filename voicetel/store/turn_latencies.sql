-- Macros that compute a turn's latencies from its operations. voicetel/events/metrics.py says in words what each one is.
-- ops: the turn's operations, LIST(STRUCT), in the order of their starts. Results in ms as DECIMAL, NULL where unknown.

-- A value that cannot be below zero; below zero it says nothing.
CREATE OR REPLACE TEMP MACRO known(x) AS CASE WHEN x >= 0 THEN x END;

-- By start_ms; those without one behind the others, in their order.
CREATE OR REPLACE TEMP MACRO in_order_of_start(ops) AS
    list_transform(
        list_sort(list_transform(ops, lambda o, i: {start_ms: coalesce(o.start_ms, 999999999999), place: i, op: o})),
        lambda x: x.op);

-- Nothing to mend: no quantity can be negative, every operation has a stage, and they stand in the order of their starts.
-- Looking for a minus sign in the line is many times cheaper than comparing every quantity of every operation.
CREATE OR REPLACE TEMP MACRO tidy(line, ops) AS
    list_count(list_transform(ops, lambda o: o.stage)) = len(ops)
    AND list_transform(ops, lambda o: o.start_ms) = list_sort(list_transform(ops, lambda o: o.start_ms), 'ASC', 'NULLS LAST')
    AND NOT regexp_matches(line, '[:"]\s*-[0-9]');

CREATE OR REPLACE TEMP MACRO first_of_stage(ops, name) AS list_position(list_transform(ops, lambda o: o.stage), name);

CREATE OR REPLACE TEMP MACRO stt_ttfb_ms(ops) AS ops[first_of_stage(ops, 'stt')].ttfb_ms;

CREATE OR REPLACE TEMP MACRO tts_ttfb_ms(ops) AS ops[first_of_stage(ops, 'tts')].ttfb_ms;

CREATE OR REPLACE TEMP MACRO realtime_ttfb_ms(ops) AS ops[first_of_stage(ops, 'realtime')].ttfb_ms;

CREATE OR REPLACE TEMP MACRO endpointing_ms(ops) AS
    coalesce(ops[first_of_stage(ops, 'eot')].duration_ms, ops[first_of_stage(ops, 'eot')].ttfb_ms);

CREATE OR REPLACE TEMP MACRO llm_ttft_ms(ops) AS
    ops[list_position(list_transform(ops, lambda o: o.stage = 'llm' AND coalesce(o.status, 'ok') = 'ok'), true)].ttfb_ms;

-- One negative part makes the sum impossible, not smaller.
CREATE OR REPLACE TEMP MACRO sum_or_impossible(vals) AS CASE WHEN list_min(vals) < 0 THEN -1 ELSE CAST(list_sum(vals) AS DECIMAL(18, 3)) END;

CREATE OR REPLACE TEMP MACRO llm_latency_ms(ops) AS
    sum_or_impossible(list_transform(
        ops, lambda o: CASE WHEN o.stage = 'llm' AND coalesce(o.status, 'ok') <> 'cancelled' THEN o.duration_ms END));

-- The gaps between the operations inside [from_ms, to_ms]: walk them, adding what lies between how far we got and where
-- the next begins. NULL where the window or the place of every operation is unknown.
CREATE OR REPLACE TEMP MACRO unattributed_ms(ops, from_ms, to_ms) AS
    CASE WHEN to_ms >= from_ms AND list_count(list_transform(ops, lambda o: o.start_ms + coalesce(o.duration_ms, o.ttfb_ms))) > 0
    THEN list_reduce(
        list_append(
            list_transform(ops, lambda o: {
                begin_ms: o.start_ms,
                end_ms: o.start_ms + coalesce(o.duration_ms, o.ttfb_ms)}),
            {begin_ms: to_ms, end_ms: to_ms}),
        lambda walk, s: CASE WHEN s.end_ms >= s.begin_ms THEN {
            begin_ms: walk.begin_ms + greatest(0, least(s.begin_ms, to_ms) - walk.end_ms),
            end_ms: greatest(walk.end_ms, s.end_ms)} ELSE walk END,
        {begin_ms: CAST(0 AS DECIMAL(18, 3)), end_ms: from_ms}).begin_ms END;
