"""Compares the ledger with what the provider counted, and says what came of it.

by_metrics   tokens of a model by day, with CloudWatch's daily sums
by_logs      every call of every run, with the provider's log of invocations
by_bill      what a business unit was charged, with what AWS billed for its inference profiles
"""
