"""Answers that are given once and used again: keys of requests, what is kept of an answer, calls that are shared.

Around any `Llm` that can say which model a request means (`cached.py`).
"""
