"""Reports over logs that are spread over many machines: the same answers, to the last digit.

Lines are routed to buckets by call; every bucket is an ordinary run of the store in a temporary folder; only what adds up travels.
An engine moves bytes between these steps (engine.py); spark.py is the one that there is.
"""
