-- Requests that a card prices alike, added up: one row per group, stage, provider, model, subset, UTC day, currency and kinds of
-- quantities used.
--   subset                all: every request; error, cancelled: those of them with this status
--   currency, charged     not NULL: what the providers charged for these requests, in this currency
--   quantity_bits         which quantities are billed, as in usage
--   operations            how many requests they are
--   billed_…              what of each quantity is billed
-- Reads: selected_usage, selected_operations.
WITH
every AS (
    SELECT
        group_id, stage, provider, model, 'all' AS subset, day, currency, quantity_bits,
        sum(operations) AS operations, sum(charged) AS charged, sum(COLUMNS('^billed_.+')) AS '\0'
    FROM selected_usage
    GROUP BY group_id, stage, provider, model, day, currency, quantity_bits
),
unsuccessful AS (
    SELECT
        group_id, stage, provider, model, status AS subset, day, charged_currency AS currency, quantity_bits,
        count(*) AS operations, sum(charged) AS charged, sum(COLUMNS('^billed_.+')) AS '\0'
    FROM selected_operations
    WHERE status IN ('error', 'cancelled')
    GROUP BY group_id, stage, provider, model, status, day, charged_currency, quantity_bits
)
FROM every UNION ALL BY NAME FROM unsuccessful
