-- The lines that do not count, of the files in `slices`: one row per line.
--   file       its name
--   ordinal    its place among the lines of the file that are not blank, from 1
--   verdict    why it does not count
-- Bound: $files, $structure. Wants preserve_insertion_order: then rows come in the order of the files and of their lines.
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH judged AS MATERIALIZED (
    SELECT source AS place, row_number() OVER () AS n, verdict FROM judged_lines($files, $structure)
),
beginning AS (
    SELECT place, min(n) - 1 AS n FROM judged GROUP BY place
)
SELECT slices.file, judged.n - beginning.n AS ordinal, verdict
FROM judged JOIN beginning USING (place) JOIN slices ON slices.source = place
WHERE verdict IS NOT NULL;
