"""Questions asked of a store, one each, in a pair: the .sql says how, the .py says what comes back.

Analyzers return frozen dataclasses or Arrow tables. They neither print nor open files.
"""
