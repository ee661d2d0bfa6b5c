-- One row per call of call_batch, in its order: what it cost.
--   cost_…                in the card's currency; NULL: no operation of the component has a price
--   unpriced_operations   operations that a card could price and this one does not, wholly or in part
-- Reads: call_batch, call_cost.
SELECT
    cost_stt, cost_llm, cost_tts, cost_realtime, cost_transport, cost_other, cost_total,
    CAST(coalesce(billable - covered, 0) AS BIGINT) AS unpriced_operations
FROM call_batch LEFT JOIN call_cost USING (call_id)
ORDER BY position;
