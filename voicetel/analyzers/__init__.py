"""Reports on a store, each in a pair: the .sql computes it, the .py defines its result.

Analyzers return frozen dataclasses or Arrow tables. They neither print nor open files.
"""
