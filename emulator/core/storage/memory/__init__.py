"""The engine in memory: resources as objects of this process, which end with it."""
