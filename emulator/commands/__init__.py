"""What the commands do; `emulator.cli` loads each module when its command is called."""
