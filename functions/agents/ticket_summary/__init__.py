"""Ticket summary: what a support ticket is about, what is still open, and what to do next."""
