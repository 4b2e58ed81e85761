"""Families of APIs: how each writes requests and errors, and how its callers sign."""
