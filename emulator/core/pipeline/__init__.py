"""emulator.core.pipeline."""
