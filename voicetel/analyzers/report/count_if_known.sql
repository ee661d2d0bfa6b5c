-- count_if_known(counted, base, known): an aggregate, how many rows are `counted`; NULL where there are rows of `base` and it is
-- `known` of none of them. All three are BOOLEAN.
CREATE OR REPLACE TEMP MACRO count_if_known(counted, base, known) AS
    CASE WHEN count(*) FILTER (base) = 0 OR count(*) FILTER (base AND known) > 0 THEN count(*) FILTER (counted) END;
