"""emulator.core.http."""
