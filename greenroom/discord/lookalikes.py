"""Names that look alike though their letters differ. Nothing here changes a name; it tells who could pass for whom.

Source of the letters: Unicode Technical Standard 39, "Confusable Detection", those of Cyrillic, Greek, Armenian and
extended Latin that look like a small or capital letter of basic Latin; and the digits that people write for letters.
A capital stands here where it looks like another letter than its small one.
"""

import unicodedata

from greenroom.text import plain

_LOOKS_LIKE = {
    "a": "аαɑ4",
    "b": "вьβƅ",
    "c": "сϲ",
    "d": "ԁ",
    "e": "еєɛεҽ3",
    "f": "ғƒϝ",
    "g": "ɡցɢ9",
    "h": "һнհΗ",
    "i": "іιıɩɪӏǀl1|!",
    "j": "јյϳ",
    "k": "кκĸқ",
    "m": "мμ",
    "n": "пηոռɴΝ",
    "o": "оοσօө0",
    "p": "рρϸ",
    "q": "ԛգ",
    "r": "гʀɍ",
    "s": "ѕꜱς5$",
    "t": "тτŧ",
    "u": "υսʋ",
    "v": "νѵ",
    "w": "ԝωѡ",
    "x": "хχ",
    "y": "уγүʏΥ",
    "z": "ζʐ2",
}
_FOLD = {ord(other): letter for letter, others in _LOOKS_LIKE.items() for other in others}


def look(name: str) -> str:
    """What a name looks like at a glance: the same for "Peter", "Pеter:" with a Cyrillic letter, and "P é t e r".

    Empty for a name without letters and digits.
    """
    small = plain(name).translate(_FOLD).casefold()
    letters = unicodedata.normalize("NFKD", small).translate(_FOLD)
    return "".join(letter for letter in letters if letter.isalnum())
