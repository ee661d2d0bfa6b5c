-- local_time(moment): what the clock of the zone showed at a moment; both are a TIMESTAMP, the moment is in UTC. NULL for NULL.
-- Reads: the variable `clock_changes`, [{since, ahead}, …] in the order of time: how far the clock was ahead of UTC from a moment on.
CREATE OR REPLACE TEMP MACRO local_time(moment) AS moment + list_filter(
    CAST(getvariable('clock_changes') AS STRUCT(since TIMESTAMP, ahead INTERVAL)[]), lambda change: change.since <= moment)[-1].ahead;
