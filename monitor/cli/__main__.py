"""`python -m monitor.cli`: the command line without its script."""

from monitor.cli import main

main()
