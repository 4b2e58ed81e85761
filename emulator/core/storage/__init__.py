"""emulator.core.storage."""
