"""Results → somewhere else: PostgreSQL, Parquet and CSV files, all with the same columns.

``tables`` says what the columns are; ``rows`` makes them of a store; ``postgres`` and ``files`` carry them away.
"""
