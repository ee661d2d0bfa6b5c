-- export_digests: one row per call that is to be exported.
--   call_id, started_at
--   turns, operations      how many rows it has in call_logs and operations
--   content_digest         of all its rows in all tables: differs wherever one of them does
-- What stands in braces: where the rows of turns and operations are.
-- DuckDB's hash gives bytes of a text little weight, every eighth the least: the row as a text, moved by three, makes up for it.
CREATE OR REPLACE TEMP MACRO row_hash(r) AS xor(hash(r), hash('---' || CAST(r AS VARCHAR)));
CREATE OR REPLACE TEMP TABLE export_digests AS
WITH
turn AS (
    SELECT call_id, count(*) AS turns, sum(CAST(row_hash(r) AS HUGEINT)) AS digest FROM {turns} AS r GROUP BY call_id
),
operation AS (
    SELECT call_id, count(*) AS operations, sum(CAST(row_hash(r) AS HUGEINT)) AS digest FROM {operations} AS r GROUP BY call_id
)
SELECT
    call_id, started_at, coalesce(turns, 0) AS turns, coalesce(operations, 0) AS operations,
    CAST((CAST(row_hash(r) AS HUGEINT) + coalesce(turn.digest, 0) + coalesce(operation.digest, 0)) % 9223372036854775808 AS BIGINT)
        AS content_digest
FROM export_call_metrics AS r
LEFT JOIN turn USING (call_id)
LEFT JOIN operation USING (call_id);
