"""emulator.dialects.fastapi."""
