"""Resources, uniqueness, lists, and the engine behind them."""
