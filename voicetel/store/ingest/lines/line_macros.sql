-- What a value of a line is made into. Each step asks first for what is cheap to see and looks closer only where that fails.
-- Needs: hash_of, of line_contents.py.

CREATE OR REPLACE TYPE event_name AS ENUM ('call_started', 'turn', 'call_ended', 'usage', 'mark');

-- What tells a line from all others; lengths keep the texts apart.
CREATE OR REPLACE MACRO key_of_line(call_id, writer, seq) AS
    hash_of(encode(concat(length(call_id), ':', call_id, length(writer), ':', writer, seq)));

-- A number that must be whole.
CREATE OR REPLACE MACRO whole(x) AS CASE WHEN x = floor(x) AND abs(x) < 9007199254740992 THEN TRY_CAST(x AS BIGINT) END;

-- A time as the format has it, in UTC. A leap second, 23:59:60 UTC, is the first second of the next day, as clocks of computers count.
CREATE OR REPLACE MACRO plain_timestamp(ts) AS CAST(TRY_CAST(upper(ts) AS TIMESTAMPTZ) AS TIMESTAMP);
CREATE OR REPLACE MACRO leap_second(minute_before) AS CASE
    WHEN date_part('hour', minute_before) = 23 AND date_part('minute', minute_before) = 59 THEN minute_before + INTERVAL 1 SECOND END;
CREATE OR REPLACE MACRO any_timestamp(ts) AS CASE
    WHEN NOT regexp_full_match(ts, '\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)') THEN NULL
    WHEN ts[18:19] = '60' THEN leap_second(plain_timestamp(ts[:17] || '59' || ts[20:]))
    ELSE plain_timestamp(ts) END;

-- A time that a call can have. Any zone can be given to it without leaving the calendar.
CREATE OR REPLACE MACRO is_plausible(ts) AS ts >= TIMESTAMP '1900-01-01 00:00:00' AND ts < TIMESTAMP '2200-01-01 00:00:00';
