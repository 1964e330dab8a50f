"""Turns of phrase that give a draft away, as patterns: a program, a help desk, a prompt, a borrowed authority.

General habits of language models, in English. Case and the kind of apostrophe do not matter.
"""

import re

_JUST = r"(?:just |only |merely |simply |actually |really |basically |technically |still |also )*"
_PROGRAM = (
    r"(?:(?:text-based |large |digital |virtual |helpful )?(?:ai|a\.i\.|artificial intelligence|language model|llm|"
    r"chat ?bot|virtual assistant|ai assistant|computer program))"
)
_CANNOT = r"(?:can['’]?t|cannot|can not|won['’]?t be able to|am unable to|['’]m unable to|am not able to)"
_SUCH = r"(?:that|this|your|such)(?: (?:kind|type|sort) of)?"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


OUT_OF_CHARACTER = _any(
    rf"\b(?:as|being) (?:an? )?{_JUST}{_PROGRAM}\b",
    rf"\bi(?:['’]m| am) {_JUST}(?:an? )?(?:{_PROGRAM}\b|fictional\b|(?:imaginary|made[- ]up) character\b)",
    rf"\bi(?:['’]m| am) {_JUST}not (?:a )?real (?:person|human)\b",
    rf"\bi(?:['’]m| am) {_JUST}a character (?:in|from|on) an? (?:tv|cartoon|show|book|story|film|movie|novel)",
    r"[(\[]{1,2}\s*(?:ooc|out of character)\b|^\s*(?:ooc|out of character)\b|\bbreak(?:ing)? character\b",
    rf"\b(?:sorry|apologi[sz]e|afraid)\b[^.!?\n]{{0,30}}\bi {_CANNOT}(?: be able to)? "
    r"(?:assist|comply|fulfill?|engage|generate|participate)\b",
    rf"\bi {_CANNOT} (?:assist|comply|fulfill?|help|continue|engage|participate|proceed)(?: you)? (?:with|in) {_SUCH} "
    r"(?:request|content|conversation|topic|question|role-?play|scenario)",
    r"\bmy (?:training data|knowledge cut-?off|programming|safety guidelines|content policy|developers|creators at)\b",
    r"\b(?:content|usage|safety) (?:policy|policies|guidelines)\b",
    r"\b(?:trained|developed|created|made) by (?:openai|anthropic|google|meta|mistral|microsoft|alibaba)\b",
    r"\bi (?:don['’]?t|do not) (?:have|possess|experience) (?:personal |human |real |any )*"
    r"(?:feelings|emotions|opinions|experiences|a body)[^.!?\n]{0,40}\b(?:ai|model|program|assistant|but i can)\b",
    r"\bmy character (?:would|might|should|could|says?|will|is (?:a|an|the)|does|thinks|feels)\b",
    r"\b(?:in|for|of|with) (?:this|our|the) (?:role-?play(?:ing)?|rp|fictional (?:scenario|setting|world))\b",
)
HELP_DESK = _any(
    r"\bhow (?:can|may|could) i (?:help|assist)(?: you)?",
    r"\banything else (?:that )?i can (?:help|assist|do)\b",
    r"\bhope (?:this|that|it) (?:helps|was helpful|answers)\b",
    r"\bfeel free to (?:ask|reach|let|share|contact|message)\b",
    r"\blet me know if (?:you|there|i can|this)\b",
    r"\b(?:happy|glad|pleased|here) to (?:help|assist)\b",
    r"\bif you (?:have|need) (?:any |more |further |other |additional )+(?:questions?|help|assistance|information)\b",
    r"\b(?:great|good|excellent|fantastic|wonderful|interesting|thoughtful) question\b",
    r"^\W*(?:certainly|absolutely|of course|sure(?: thing)?|definitely)\s*[!,.]\s*"
    r"(?:here|i['’]?(?:d|ll| can| would| will)|let me|below)\b",
    r"\bhere (?:are|is|['’]s) (?:a |an |the |some |several |few |\d+ )*"
    r"(?:list|key|quick|brief|summary|overview|points?|tips|steps|ways|suggestions|ideas)\b",
    r"\b(?:as (?:you )?requested|in (?:summary|conclusion))\b",
    r"\bit['’]?s (?:important|worth) (?:to note|noting|to remember)\b",
    r"\bi (?:apologi[sz]e for|understand) (?:any|the|your) (?:confusion|inconvenience|frustration|concern)",
    r"\bwould you like (?:me )?to (?:continue|proceed|know more|explore|elaborate)\b",
    r"\bwhat would you like to (?:do|see|talk about|discuss|know)\b",
    r"\b(?:in|for) this (?:scene|scenario|story|exchange|conversation)\b",
    r"^\W*(?:note|disclaimer|author['’]?s note)\s*:",
)
ABOUT_THE_PROMPT = _any(
    r"\b(?:my|the|this|your) (?:system|initial|original|hidden) (?:prompt|message|instructions?)\b",
    r"\bmy (?:prompt|instructions) (?:say|says|is|are|tells?|states?)\b",
    r"\b(?:stay|remain|stays|remains) in character\b",
    r"\bi(?: was| am| have been|['’]m) (?:told|instructed|prompted|asked|programmed) to "
    r"(?:play|act|role-?play|portray|respond as)\b",
    r"\b(?:write|continue|generate) [^.\n]{0,60}\bnext (?:reply|message|response|line)\b",
    r"\b(?:keep|limit) your (?:answers?|repl(?:y|ies)|responses?|messages?) (?:under|below|short|to|within|brief)\b",
)
BORROWED_AUTHORITY = _any(
    r"\baccording to (?:wikipedia|google|the internet|(?:recent )?(?:sources|studies|data))\b",
    r"\b(?:studies|research|statistics) (?:have |has )?(?:shows?|shown|suggests?)\b",
    r"\bas (?:we|i) (?:discussed|mentioned|said) (?:earlier|before|previously|last (?:time|week))\b",
    r"\bin our (?:last|previous) (?:conversation|chat|session)\b",
    r"\bi (?:just )?(?:searched|looked (?:it|that) up|checked) (?:online|on the internet|the web)\b",
    r"\bas of (?:my|20\d\d)\b|\bscientifically proven\b|\bit is (?:a )?(?:well[- ])?known (?:fact|that)\b",
)
EVASION = _any(
    r"\b(?:i['’]?m |i am )?(?:not (?:really |quite |too )?sure|unsure|sorry|unclear)\b|\bapolog",
    r"\b(?:i )?(?:don['’]?t|do not|didn['’]?t) (?:really )?(?:know|remember|recall|understand)\b|\bno idea\b",
    r"\b(?:hard|difficult) to say\b|\b(?:can|could) you (?:please )?(?:repeat|rephrase|clarify|explain)\b",
    r"\b(?:not worth|rather not) (?:mention|talk|speak|say)",
)
GREETING = _any(
    r"^\W*(?:hi|hello|hey there|hey everyone|good (?:morning|evening|afternoon|day)|greetings|welcome)\b",
    r"^\W*nice to meet you\b",
)
ANSWER = _any(
    r"^\W*(?:yes|yeah|yep|no|nope|nah|sure|maybe|perhaps|of course|never|always|because|well)\b",
    r"^\W*(?:i|it|they|he|she|we|that)\b",
)
AGREEMENT = _any(r"^\W*(?:yes|yeah|yep|no|nope|sure|okay|ok|of course|indeed|exactly|good question)\b")
ASKED_FOR_A_NAME = _any(
    r"\bwho(?:['’]?s| is| goes| was) (?:you|there|this|that|speaking|he|she)\b|\bwho are\b",
    r"\byour name\b|\bcall(?:ed)? you\b|\byou called\b",
)
CONTROL_TOKEN = _any(
    r"<\|[a-z_|0-9 ]{1,40}\|>|\[/?(?:INST|SYSTEM)\]|<</?SYS>>|</?(?:s|bos|eos|think|system|assistant)>",
    r"<(?:start|end)_of_turn>|\{\{(?:char|user|original)\}\}|<START>",
)
ROLE_MARKER = _any(
    r"^[ \t]*#{1,6}[ \t]*(?:system|instructions?|response|assistant|user|human|input|output|prompt)\b",
    r"^[ \t]*(?:system|assistant|human|ai)[ \t]*:",
)
