"""Recipes that make the data files which the functions carry."""
