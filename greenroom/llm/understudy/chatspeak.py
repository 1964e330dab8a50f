"""Chat shorthand and common slips of the keyboard, spelled out, so that a line is recognised however it is typed."""

import re

_SPELLED = {
    "r": "are", "u": "you", "ur": "your", "wat": "what", "wut": "what", "pls": "please", "plz": "please",
    "doin": "doing", "goin": "going", "dont": "don't", "cant": "can't", "wont": "won't", "didnt": "didn't",
    "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't", "im": "I'm", "ive": "I've", "youre": "you're",
    "whats": "what's", "wheres": "where's", "whos": "who's", "hows": "how's", "thats": "that's", "idk": "I don't know",
    "bc": "because", "cuz": "because", "tho": "though", "teh": "the", "recomend": "recommend", "favorit": "favourite",
    "favorite": "favourite", "favourit": "favourite", "definately": "definitely", "freind": "friend", "ya": "you",
    "d'ya": "do you", "wanna": "want to", "gonna": "going to", "gotta": "got to", "watcha": "what are you",
    "whatcha": "what are you", "tomorow": "tomorrow", "2nite": "tonight", "tonite": "tonight", "b4": "before",
    "gr8": "great", "ty": "thank you", "tysm": "thank you", "thx": "thanks", "thnx": "thanks", "tanks": "thanks",
    "ppl": "people", "rn": "right now", "tmrw": "tomorrow", "srsly": "seriously", "rly": "really", "nite": "night",
}  # fmt: skip
_WORD = re.compile(r"(?<![\w@'’.-])[^\W_]+(?:['’][^\W_]+)*(?![\w@'’-])")


def spelled_out(line: str) -> str:
    """The line with its shorthand written in full: "how r u" becomes "how are you"."""
    return _WORD.sub(_in_full, line)


def _in_full(match: re.Match[str]) -> str:
    word = match[0]
    full = _SPELLED.get(word.casefold(), word)
    return full[:1].upper() + full[1:] if word[0].isupper() and len(word) > 1 else full
