"""``call.html``, and the waterfalls within ``report.html``: one conversation, turn by turn, on one scale."""
