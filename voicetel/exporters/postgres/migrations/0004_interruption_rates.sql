-- The views of 0002_views.sql once more: where nothing says of any call whether the agent was stopped, that is NULL.

CREATE OR REPLACE VIEW metrics_by_day AS
SELECT * FROM (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, currency,
        count(*) AS calls,
        sum(turn_count) AS turns,
        count(*) FILTER (WHERE outcome = 'success') AS successes,
        sum(cost_total) AS cost_total,
        sum(cost_total) / count(*) AS cost_per_call,
        CASE WHEN count(interruption_rate) > 0 OR sum(bot_turn_count) = 0 THEN sum(interruption_count) END AS interruptions,
        CASE WHEN count(interruption_rate) > 0 THEN sum(interruption_count)::float8 / nullif(sum(bot_turn_count), 0) END AS interruption_rate,
        avg(sentiment_score) AS sentiment_avg
    FROM call_metrics
    GROUP BY 1, 2
) AS calls
LEFT JOIN (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, currency,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p95
    FROM call_logs JOIN call_metrics USING (call_id)
    GROUP BY 1, 2
) AS latencies USING (day, currency);

CREATE OR REPLACE VIEW metrics_by_agent AS
SELECT * FROM (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, coalesce(agent_name, '') AS agent_name, currency,
        count(*) AS calls,
        sum(turn_count) AS turns,
        count(*) FILTER (WHERE outcome = 'success') AS successes,
        sum(cost_total) AS cost_total,
        sum(cost_total) / count(*) AS cost_per_call,
        CASE WHEN count(interruption_rate) > 0 OR sum(bot_turn_count) = 0 THEN sum(interruption_count) END AS interruptions,
        CASE WHEN count(interruption_rate) > 0 THEN sum(interruption_count)::float8 / nullif(sum(bot_turn_count), 0) END AS interruption_rate,
        avg(sentiment_score) AS sentiment_avg
    FROM call_metrics
    GROUP BY 1, 2, 3
) AS calls
LEFT JOIN (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, coalesce(agent_name, '') AS agent_name, currency,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p95
    FROM call_logs JOIN call_metrics USING (call_id)
    GROUP BY 1, 2, 3
) AS latencies USING (day, agent_name, currency);

CREATE OR REPLACE VIEW metrics_by_version AS
SELECT * FROM (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, coalesce(agent_name, '') AS agent_name, coalesce(agent_version, '') AS agent_version, currency,
        count(*) AS calls,
        sum(turn_count) AS turns,
        count(*) FILTER (WHERE outcome = 'success') AS successes,
        sum(cost_total) AS cost_total,
        sum(cost_total) / count(*) AS cost_per_call,
        CASE WHEN count(interruption_rate) > 0 OR sum(bot_turn_count) = 0 THEN sum(interruption_count) END AS interruptions,
        CASE WHEN count(interruption_rate) > 0 THEN sum(interruption_count)::float8 / nullif(sum(bot_turn_count), 0) END AS interruption_rate,
        avg(sentiment_score) AS sentiment_avg
    FROM call_metrics
    GROUP BY 1, 2, 3, 4
) AS calls
LEFT JOIN (
    SELECT
        (started_at AT TIME ZONE 'UTC')::date AS day, coalesce(agent_name, '') AS agent_name, coalesce(agent_version, '') AS agent_version, currency,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY eou_latency::float8) AS eou_latency_p95
    FROM call_logs JOIN call_metrics USING (call_id)
    GROUP BY 1, 2, 3, 4
) AS latencies USING (day, agent_name, agent_version, currency);
