"""The SQL engine: SQLite in memory or in a file, and PostgreSQL."""
