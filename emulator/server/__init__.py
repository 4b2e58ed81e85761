"""emulator.server.command."""
