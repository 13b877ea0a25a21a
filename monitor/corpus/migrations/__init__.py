"""Schema migrations; a package so that a wheel carries them."""
