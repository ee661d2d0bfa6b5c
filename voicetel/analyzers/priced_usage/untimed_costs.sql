-- untimed_costs: one row per group and component, and one over all groups (group_id NULL).
--   component   the part of the bill
--   ninths      what calls cost in it whose length is not known, in ninths of the card's currency; NULL: nothing of it has a price
-- A cost per minute leaves it out: their minutes are not known either.
-- Reads: usage_amounts, made by rates.py of those calls.
SELECT group_id, component, sum(ninths) AS ninths
FROM usage_amounts
GROUP BY GROUPING SETS ((group_id, component), (component));
