"""emulator.core.errors."""
