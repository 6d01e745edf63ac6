"""``gatehouse budgets``: what became of the teams' money, and how a restriction is lifted."""
