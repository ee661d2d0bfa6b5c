"""Results → something to look at. Nothing here prints, opens a file or knows argv.

One module per format: ``terminal``, ``markdown``, ``csv_rows``, ``json_report``, each with one function per command.
The formats for people share ``analysis``, ``groups``, ``calls``, ``cost`` and ``validation``, which say what stands where.
"""
