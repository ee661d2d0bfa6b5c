-- stopped_by_caller(interrupted, interrupted_by): whether a turn's flag says that its caller stopped the agent, wherever interruptions
-- are counted: it was stopped, and by nobody else, since a log that does not say by whom means the caller. NULL: it has no flag.
CREATE OR REPLACE MACRO stopped_by_caller(interrupted, interrupted_by) AS
    CASE WHEN interrupted THEN coalesce(interrupted_by, 'caller') = 'caller' ELSE interrupted END;
