"""Is this draft good enough? Rules that end the check at once, then five components measured from the text."""
