"""Thousands of mixed runs, after which the ledger must be the provider's bill."""
