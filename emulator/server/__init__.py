"""Everything that listens: the `serve` command, servers, sockets, delivery of responses."""
