"""Resources, uniqueness, filters, pages, and the database behind them."""
