"""One folder per provider: wire format, resources and handlers."""
