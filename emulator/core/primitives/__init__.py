"""Time, ids, JSON text and pointers, regular expressions, dates, templates."""
