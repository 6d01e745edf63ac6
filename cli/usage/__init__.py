"""``gatehouse usage``: what was used and what it cost, on the local stack as on AWS.

Both are asked over HTTP, by the route that finance's own programs use: whoever may read all teams'
usage there may read it here, and nobody needs a right to the ledger's table.
"""
