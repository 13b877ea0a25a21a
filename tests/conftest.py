"""What all tests share; fixtures of one subject stand in its folder or in a plugin named here."""

import signal

pytest_plugins = ["tests.loud", "tests.loop", "tests.postgres"]

# A shell that starts us in the background has its children ignore Ctrl-C, and ours would inherit that: those that a
# test interrupts must hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
