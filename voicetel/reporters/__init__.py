"""Results → something to look at. Nothing here prints, opens a file or knows argv.

A result is laid out once for people, as a ``Document`` (``layouts``), which ``terminal``, ``markdown`` and ``html`` write; for programs
``json_text``, ``csv_rows`` and ``arrow_tables`` write its figures. ``ci`` is what CI systems show.
"""
