"""emulator.dialects.alibaba."""
