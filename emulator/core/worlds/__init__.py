"""emulator.core.worlds.registry.registry."""
