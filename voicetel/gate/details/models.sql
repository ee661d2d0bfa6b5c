-- One row per sampled call, in their order: what was asked of providers in it. The columns are those of `voicetel models`.
--   requests, request_errors, request_cancelled
--   ninths_errors, ninths_cancelled   what failed and cancelled requests cost, in ninths of the card's currency; NULL: no price, or none
--   cacheable_tokens, cached_tokens   input tokens of requests that say how many of them were cached, and those that were
--   prompts, first_tokens             models with a prompt in a turn, and the longest prompts of their first turns, added up
--   grown_turns, grown_tokens         turns from the first to the last of these models, and by how much their prompts grew
-- Reads: sample_calls, request_costs, call_prompts. Bound: $name, the model; NULL: whatever names a provider.
WITH request AS (
    SELECT
        call_id,
        count(*) AS requests,
        count(*) FILTER (status = 'error') AS request_errors,
        count(*) FILTER (status = 'cancelled') AS request_cancelled,
        sum(ninths) FILTER (status = 'error') AS ninths_errors,
        sum(ninths) FILTER (status = 'cancelled') AS ninths_cancelled,
        sum(input_tokens) FILTER (cached_input_tokens IS NOT NULL) AS cacheable_tokens,
        sum(cached_input_tokens) FILTER (input_tokens IS NOT NULL) AS cached_tokens
    FROM request_costs
    WHERE model = $name OR (CAST($name AS VARCHAR) IS NULL AND provider IS NOT NULL)
    GROUP BY call_id
),
prompt AS (
    SELECT
        call_id,
        count(*) AS prompts,
        sum(first_tokens) AS first_tokens,
        sum(turn_distance) AS grown_turns,
        sum(last_tokens - first_tokens) FILTER (turn_distance > 0) AS grown_tokens
    FROM call_prompts
    WHERE turn_distance IS NOT NULL AND (model = $name OR (CAST($name AS VARCHAR) IS NULL AND provider IS NOT NULL))
    GROUP BY call_id
)
SELECT
    CAST(coalesce(requests, 0) AS BIGINT) AS requests,
    CAST(coalesce(request_errors, 0) AS BIGINT) AS request_errors,
    CAST(coalesce(request_cancelled, 0) AS BIGINT) AS request_cancelled,
    ninths_errors, ninths_cancelled, cacheable_tokens, cached_tokens,
    CAST(coalesce(prompts, 0) AS BIGINT) AS prompts,
    first_tokens,
    CAST(coalesce(grown_turns, 0) AS BIGINT) AS grown_turns,
    grown_tokens
FROM sample_calls LEFT JOIN request USING (call_id) LEFT JOIN prompt USING (call_id)
ORDER BY number;
