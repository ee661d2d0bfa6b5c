"""Calls as samples: taken of a store, and the figures that they have."""
