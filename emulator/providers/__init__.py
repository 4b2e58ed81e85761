"""One folder per provider: how its resources look on the wire, what exists, what happens."""
