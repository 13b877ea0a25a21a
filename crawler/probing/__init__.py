"""Finds the engine of an unknown page: what its signs propose is tried, and the best is printed as an entry."""
