"""``voicetel serve``: the reports by HTTP, read-only, each answer the JSON of the command."""
