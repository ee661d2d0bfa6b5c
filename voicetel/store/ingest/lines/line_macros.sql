-- What a value of a line is made into. Each step asks first for what is cheap to see and looks closer only where that fails.

CREATE OR REPLACE TYPE event_name AS ENUM ('call_started', 'turn', 'call_ended', 'usage', 'mark');

-- A number that must be whole.
CREATE OR REPLACE MACRO whole(x) AS CASE WHEN x = floor(x) AND abs(x) < 9007199254740992 THEN TRY_CAST(x AS BIGINT) END;

-- A time as the format has it, in UTC.
CREATE OR REPLACE MACRO any_timestamp(ts) AS CASE
    WHEN regexp_full_match(ts, '\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)')
    THEN CAST(TRY_CAST(upper(ts) AS TIMESTAMPTZ) AS TIMESTAMP) END;

-- The same; nearly all are written as the recorder writes them.
CREATE OR REPLACE MACRO utc_timestamp(ts) AS CASE
    WHEN length(ts) = 24 AND ts[24] = 'Z' THEN coalesce(try_strptime(ts, '%Y-%m-%dT%H:%M:%S.%gZ'), any_timestamp(ts))
    ELSE any_timestamp(ts) END;

-- A time that a call can have. Any zone can be given to it without leaving the calendar.
CREATE OR REPLACE MACRO is_plausible(ts) AS ts >= TIMESTAMP '1900-01-01 00:00:00' AND ts < TIMESTAMP '2200-01-01 00:00:00';
