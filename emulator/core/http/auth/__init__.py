"""Authentication: levels, credentials, callers; dialects add the schemes."""
