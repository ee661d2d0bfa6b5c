"""The event format: what a voice agent writes, one JSON object per line.

``fields`` is the one table; the JSON Schema, the reader's columns, the recorder's checks and docs/events.md
are all made from it. Standard library only, and it imports nothing else of voicetel.
"""
