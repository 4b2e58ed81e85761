"""`python -m emulator` is the console script `dataset-emulator`."""

from emulator.cli import main

main()
