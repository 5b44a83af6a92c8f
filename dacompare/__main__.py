"""Run the command line as ``python -m dacompare``."""

from dacompare.cli import main

main()
