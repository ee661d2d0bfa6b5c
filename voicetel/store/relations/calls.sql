-- calls: one row per call, made anew for the calls of every batch that is read (call_rows.sql).
--   call_id
--   started_at, last_event_at   first and last ts, UTC
--   ended                       a call_ended was logged
--   duration_s                  as logged; where not logged, from the first event to the first call_ended; NULL: not ended
--   agent_name, agent_version, campaign, direction, language
--                               as call_started says; of several the latest that says anything
--   final_state, end_reason, sip_status, amd, logged_outcome, logged_confidence, logged_reason, sentiment, interruption_count
--                               as call_ended says; of several the latest that says anything
--   outcome, outcome_confidence (0 to 1), outcome_reason, outcome_source
--                               the verdict of voicetel/outcomes on how the call ended; source: which rule gave it
--   answered                    it counts as answered
--   marks                       the kinds of its marks, sorted and distinct; NULL: none
--   turns, user_turns, agent_turns
--                               turns, and those in which each side spoke
--   flagged                     a turn in which the agent spoke says whether it was interrupted
--   flagged_interruptions       turns that say the caller stopped the agent
CREATE TABLE calls (
    call_id                 VARCHAR NOT NULL,
    started_at              TIMESTAMP NOT NULL,
    last_event_at           TIMESTAMP NOT NULL,
    ended                   BOOLEAN NOT NULL,
    duration_s              DECIMAL(12,3),
    agent_name              VARCHAR,
    agent_version           VARCHAR,
    campaign                VARCHAR,
    direction               VARCHAR,
    language                VARCHAR,
    final_state             VARCHAR,
    end_reason              VARCHAR,
    sip_status              SMALLINT,
    amd                     VARCHAR,
    logged_outcome          VARCHAR,
    logged_confidence       DECIMAL(9,6),
    logged_reason           VARCHAR,
    sentiment               DECIMAL(9,6),
    interruption_count      INTEGER,
    marks                   VARCHAR[],
    turns                   BIGINT NOT NULL,
    user_turns              BIGINT NOT NULL,
    agent_turns             BIGINT NOT NULL,
    flagged                 BOOLEAN NOT NULL,
    flagged_interruptions   BIGINT NOT NULL,
    outcome                 VARCHAR NOT NULL,
    outcome_confidence      DECIMAL(9,6) NOT NULL,
    outcome_reason          VARCHAR NOT NULL,
    outcome_source          VARCHAR NOT NULL,
    answered                BOOLEAN NOT NULL
);
