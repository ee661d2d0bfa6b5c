"""``voicetel export --pg``: the tables of tables.py in PostgreSQL."""
