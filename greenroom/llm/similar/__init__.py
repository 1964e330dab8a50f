"""Answers to prompts that were asked before in other words.

`reading.py` reads a prompt, `alignment.py` lays two side by side, `guards.py` names what keeps one from being answered
with the other's answer, `chance.py` says how likely such an answer would be wrong. All of them are pure.
"""
