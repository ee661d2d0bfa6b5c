-- The tables of the store. They are its own business; what others may read are the relations beside this file.
-- A store holds no words that were said: texts are turned into phrase numbers while they are read.

CREATE TABLE meta (
    version  INTEGER NOT NULL,  -- of this file's layout
    identity VARCHAR NOT NULL   -- what else the content depends on: the fingerprint of the phrase rules
);

-- One row per distinct content that was read. Its length counts decompressed bytes, up to the last line end.
CREATE TABLE sources (
    source      INTEGER PRIMARY KEY,
    head        BLOB NOT NULL,      -- hash of the first line (of its first 4 KiB)
    length      BIGINT NOT NULL,    -- bytes read, all of them whole lines
    tail        BLOB NOT NULL       -- hash of windows of the bytes before length; empty: half read, begin again
);
CREATE SEQUENCE source_numbers;
CREATE SEQUENCE batch_numbers;

-- One row per file that holds a source, or a beginning of it.
CREATE TABLE paths (
    path        BLOB PRIMARY KEY,   -- as the file system has it, which need not be UTF-8
    source      INTEGER,            -- NULL: no whole line yet
    device      UBIGINT NOT NULL,
    inode       UBIGINT NOT NULL,
    size        BIGINT NOT NULL,    -- bytes on disk
    mtime_ns    BIGINT NOT NULL,
    head        BLOB,
    length      BIGINT NOT NULL,    -- bytes of whole lines in it, decompressed
    tail        BLOB NOT NULL,      -- hash of windows of the bytes before length
    pending     BIGINT NOT NULL,    -- bytes after the last line end
    damage      VARCHAR             -- why decompression stopped early
);

CREATE TYPE event_name AS ENUM ('call_started', 'turn', 'call_ended', 'usage', 'mark');

-- One row per event that counts. Milliseconds count from ts; latencies are computed on the way in.
CREATE TABLE events (
    batch               INTEGER NOT NULL,   -- the transaction that read it
    source              INTEGER NOT NULL,
    line_key            UBIGINT NOT NULL,   -- hash of (call_id, writer, seq), else of the line: counts once per call
    line_hash           UBIGINT NOT NULL,   -- hash of the line: decides between two lines of one key
    verdict             VARCHAR,            -- why the line is set aside; never NULL for long, see quarantine.py
    event               event_name,
    ts                  TIMESTAMP,          -- UTC
    call_id             VARCHAR,
    agent_name          VARCHAR,
    agent_version       VARCHAR,
    campaign            VARCHAR,
    direction           VARCHAR,
    language            VARCHAR,
    duration_s          DECIMAL(12,3),
    final_state         VARCHAR,
    end_reason          VARCHAR,
    sip_status          SMALLINT,
    amd                 VARCHAR,
    outcome             VARCHAR,
    outcome_confidence  DECIMAL(9,6),
    outcome_reason      VARCHAR,
    sentiment           DECIMAL(9,6),
    interruption_count  INTEGER,
    turn                BIGINT,
    state_id            VARCHAR,
    user_spoke          BOOLEAN,            -- the turn has a user
    user_start_ms       DECIMAL(12,3),
    user_end_ms         DECIMAL(12,3),
    agent_spoke         BOOLEAN,            -- the turn has an agent
    agent_start_ms      DECIMAL(12,3),
    agent_end_ms        DECIMAL(12,3),
    agent_spans         DECIMAL(12,3)[][],
    interrupted         BOOLEAN,
    interrupted_by      VARCHAR,
    eou_from            VARCHAR,
    eou_latency_ms      DECIMAL(9,3),
    endpointing_ms      DECIMAL(9,3),
    stt_ttfb_ms         DECIMAL(9,3),
    llm_ttft_ms         DECIMAL(9,3),
    llm_latency_ms      DECIMAL(9,3),
    tts_ttfb_ms         DECIMAL(9,3),
    realtime_ttfb_ms    DECIMAL(9,3),
    unattributed_ms     DECIMAL(9,3),
    impossible          VARCHAR[],          -- names of the latencies that were excluded
    user_phrases        USMALLINT[],        -- phrases of the outcome rules, by number
    agent_phrases       USMALLINT[],
    kind                VARCHAR,
    value               VARCHAR,
    count               BIGINT,
    operations          {operation_type}[]  -- in the order of their starts
);

-- Events that lost to another line of the same key. Kept, because the winner's file may go.
CREATE TABLE duplicates AS FROM events WITH NO DATA;

-- One row per line that does not count.
CREATE TABLE quarantine (
    source      INTEGER NOT NULL,
    line        BIGINT NOT NULL,    -- from 1
    byte_offset BIGINT NOT NULL,    -- of its first byte, decompressed
    bytes       BIGINT NOT NULL,
    unsupported BOOLEAN NOT NULL,   -- true: an unknown event or a newer v; false: refused
    reason      VARCHAR NOT NULL
);

-- What operations used, added up. Rows of one call and model can stand here more than once: sum them.
CREATE TABLE usage_sums (
    batch       INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    call_id     VARCHAR NOT NULL,
    day         DATE NOT NULL,          -- UTC
    stage       VARCHAR NOT NULL,
    provider    VARCHAR,
    model       VARCHAR,
    currency    VARCHAR,                -- not NULL: the provider said what it charged
    used        INTEGER NOT NULL,       -- which quantities are billed: bit n is the n-th of pricing.units.BILLABLES
    operations  BIGINT NOT NULL,
    billed      DECIMAL(38, 18),        -- what the provider charged, in currency
    {usage_columns}
);

-- What was answered since the logs last changed; see answers.py.
CREATE TABLE answers (
    question    BLOB NOT NULL,      -- hash of everything that the answer depends on, the rows apart
    number      BIGINT NOT NULL,    -- from 1, in the order in which they were given
    answer      BLOB NOT NULL
);
