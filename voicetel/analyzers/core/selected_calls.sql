-- One row per call of filtered_calls, with
--   part       number of its group, from 0, in the order of the groups' values
--   key        the group's values, as text
-- What stands in braces: part and key.
SELECT *, {part} AS part, {key} AS key FROM filtered_calls;
