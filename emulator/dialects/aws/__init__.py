"""emulator.dialects.aws."""
