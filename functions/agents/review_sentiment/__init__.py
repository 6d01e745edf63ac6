"""Review sentiment: what a reviewer thinks of a product, and what the review is about."""
