"""One isolated emulator: clock, faults, journal, coverage, state documents."""
