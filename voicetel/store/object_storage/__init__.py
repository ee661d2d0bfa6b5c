"""Logs that lie in object storage: S3, Google Cloud Storage, Azure Blob Storage, all by ``pyarrow.fs``.

``uris`` knows their names and imports nothing of it; the rest is loaded only where a URI is read.
"""
