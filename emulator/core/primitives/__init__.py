"""emulator.core.primitives."""
