"""Searching the web: who is asked, how what they say is cleaned and ranked, and how it gets into a prompt as data."""
