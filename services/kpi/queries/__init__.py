"""What can be read: points, the facts behind them, the catalogue, and whether everything still adds up."""
