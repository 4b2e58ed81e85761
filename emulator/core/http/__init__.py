"""Requests, responses and credentials, and what a dialect must offer."""
