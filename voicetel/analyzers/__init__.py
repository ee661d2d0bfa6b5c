"""Reports on a store, each in a folder: .sql computes it, .py defines its result. What they share is in ``core``.

Analyzers return frozen dataclasses or Arrow tables, and print nothing.
"""
