"""``voicetel check`` and ``compare``: limits held, and two samples told apart beyond chance."""
