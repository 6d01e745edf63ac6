"""``gatehouse flags``: switch agents off and on while everything runs."""
