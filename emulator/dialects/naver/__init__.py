"""emulator.dialects.naver."""
