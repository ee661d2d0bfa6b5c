"""The event format: what a voice agent writes, one JSON object per line.

``fields`` is the one table; the JSON Schema, the reader's columns, the checks of what is written and docs/events.md
are all made from it. ``turn_builder`` and ``operation`` put a turn together for recorders and importers alike, ``line``
writes an event as a line. Standard library only, and it imports nothing else of voicetel.
"""
