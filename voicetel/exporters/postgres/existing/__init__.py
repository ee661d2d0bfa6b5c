"""``voicetel export --pg --existing``: tables that belong to an application, filled as they are."""
