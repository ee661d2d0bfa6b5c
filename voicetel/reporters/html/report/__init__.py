"""``report.html``: the page about many calls, section by section."""
