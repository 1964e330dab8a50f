"""What must not leave the house in a query: keys and passwords never, people's private details not by our doing."""

import re
from itertools import pairwise

_LABELLED = re.compile(
    r"(?i)\b(?:pass(?:word|wd|phrase)?|secret|token|api[ _-]?key|pin|credentials?|bearer)\b(?:\s+is|\s*[:=])\s*\S+"
)
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", re.DOTALL)
_KNOWN_KEY = re.compile(
    r"\b(?:(?:sk|pk|rk|gr|gsk|gh[opsu]|github_pat|glpat|xox[abpr]|hf)[-_]|AKIA|ASIA|AIza|eyJ)[\w.-]{12,}"
)
_LOGIN_IN_URL = re.compile(r"(?<=://)[^\s/@]+@")
_LONG_RUN = re.compile(r"[\w+/=-]{20,}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ ()/.-]{0,2}\d){8,18}(?![\w.])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_DIGITS_OF_A_KEY = 3


def without_keys(text: str) -> str:
    """The text without what looks like a key, a token or a password."""
    for pattern in (_KEY_BLOCK, _LABELLED, _KNOWN_KEY, _LOGIN_IN_URL):
        text = pattern.sub(" ", text)
    return _LONG_RUN.sub(lambda run: " " if _looks_random(run[0]) else run[0], text)


def without_private_details(text: str) -> str:
    """The text without keys, addresses of e-mail, bank accounts, and numbers as long as a telephone's."""
    text = without_keys(text)
    for pattern in (_EMAIL, _IBAN, _NUMBER):
        text = pattern.sub(" ", text)
    return text


def _looks_random(run: str) -> bool:
    """Letters and several digits mixed; a long word, also one with hyphens and a year, is none."""
    digits = sum(c.isdigit() for c in run)
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(run) if a.isalnum() and b.isalnum())
    return digits >= _DIGITS_OF_A_KEY and changes >= _DIGITS_OF_A_KEY
