"""emulator.core.contract.model.model."""
