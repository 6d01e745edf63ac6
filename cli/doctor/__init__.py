"""Looks before a deploy and after it: what would fail, or has, and what to do about it."""
