"""Finds the list in a page: its rows, their titles and dates, and the page that follows. Knows no engine."""
