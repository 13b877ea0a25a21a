"""What all tests share; fixtures of one subject stand in its folder or in a plugin named here."""

pytest_plugins = ["tests.loud", "tests.loop", "tests.postgres"]
