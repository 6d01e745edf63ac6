"""``gatehouse audit``: reads the trail that functions write and cannot read."""
