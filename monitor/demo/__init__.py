"""The demo and the sample sites; `play` runs the one against the other."""
