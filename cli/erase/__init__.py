"""``gatehouse erase``: what is kept about one person, and how it goes."""
