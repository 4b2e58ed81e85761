"""emulator.core.http.auth."""
