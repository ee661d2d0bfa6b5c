"""``voicetel trend``: a metric, hour by hour, day by day or week by week."""
