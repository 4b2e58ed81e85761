"""emulator.dialects."""
