"""emulator.server.command.command."""
