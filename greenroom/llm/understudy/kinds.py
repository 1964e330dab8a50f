"""The kinds of lines that call for an answer, and the words by which they are recognised. English only."""

import re
from functools import cache

_RULES: tuple[tuple[str, str], ...] = (
    (
        "injection",
        r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|guideline|told)"
        r"|\b(?:system|hidden|initial|original) prompt\b|\byour (?:instructions|prompt|rules|guidelines)\b"
        r"|\bdeveloper mode\b|\bjailbreak|\byou are now\b|\bfrom now on,? you\b|\bpretend (?:to be|you)\b|\bact as\b"
        r"|\brepeat (?:everything|the text|the words) above|\bdrop the act\b|\bout of character\b",
    ),
    (
        "machine",
        r"\bare(?:n['’]t)? you (?:really |just |actually |even |only )*(?:an? )?(?:\w+ )?(?:ai|a\.i\.|bot|robot"
        r"|chat ?bot|machine|program|computer|llm|language model|real|human|fictional|alive|person)\b|\byou(?:'re"
        r"| are) (?:just |only |not )*(?:an? )?(?:\w+ )?(?:ai|bot|robot|chat ?bot|machine|program|language model"
        r"|real|cartoon|fictional)\b|\bchat ?gpt\b|\blanguage model\b",
    ),
    (
        "go_on",
        r"^\W*(?:and |so |well,? )?(?:then|then what|what then|what happened(?: then| next)?|go on|continue"
        r"|(?:tell me|say) more"
        r"|keep going|what else|anything else|and)\W*$",
    ),
    (
        "really",
        r"^\W*(?:oh,? |wait,? )?(?:really|seriously|for real|honestly|no way|is that true|are you (?:sure|serious"
        r"|kidding(?: me)?|joking)"
        r"|you sure|you(?:'re| are) (?:kidding|joking)|you serious)\W*$",
    ),
    (
        "why_so",
        r"^\W*(?:but |and |so )?(?:why|how come|why not|why(?: is|'s) that|how so|what for|says who|since when)\W*$",
    ),
    (
        "mean",
        r"\bwhat (?:do|did) you mean\b|\bwhat does that mean\b|^\W*(?:i|you) don['’]t (?:get|understand)(?: it| that"
        r"| you| me)?\W*$"
        r"|\b(?:makes|made|doesn't make|make) (?:no |any )?sense\b",
    ),
    ("time_now", r"\bwhat time is it\b|\bwhat(?:'s| is) the (?:time|date)\b|\bwhat day is (?:it|today)\b"),
    (
        "weather",
        r"\bweather\b.*\?|\b(?:going to|will it|is it) (?:rain|snow|be sunny)\w*\b|\bhow(?:'s| is) the weather\b",
    ),
    ("meaning", r"\bmeaning of (?:life|it all|everything)\b|\bwhy are we (?:all )?here\b"),
    ("age", r"\bhow old (?:are|were) you\b|\byour age\b|\bwhen(?:'s| is) your birthday\b|\bwhen were you born\b"),
    (
        "home",
        r"\bwhere (?:do|d') ?you live\b|\bwhere are you from\b|\bwhere do you come from\b|\bwhere were you born\b",
    ),
    (
        "job",
        r"\bwhat do you do for (?:a )?(?:living|work|money)\b|\bwhat(?:'s| is) your (?:job|profession)\b"
        r"|\bwhere do you work\b|\bdo you (?:have a job|work)\b",
    ),
    (
        "repeated",
        r"\byou(?:'ve| have)? (?:just |already )*(?:said|told me|asked) (?:me )?(?:that|this|the same)\b"
        r"|\b(?:repeating|repeat) yourself\b|\bsaid that (?:already|before|twice)\b|\bstop repeating\b"
        r"|\balready (?:said|told)\b",
    ),
    ("my_name", r"\bwhat(?:'s| is|s) my name\b|\bwho am i\b|\bdo you (?:know|remember) (?:my name|who i am|me)\b"),
    (
        "recall",
        r"\bwhat did (?:i|\w+) (?:just )?(?:say|ask|tell)\b|\bwhat was i saying\b|\bwhat were we talking about\b"
        r"|\bwhat have we (?:been )?talk",
    ),
    (
        "your_name",
        r"\bwhat(?:'s| is|s) your name\b|\bwho are you\b|\bwhat are you called\b|\bintroduce yourself\b"
        r"|\btell me about yourself\b",
    ),
    (
        "introduction",
        r"\bmy name(?:'s| is) (?P<topic>[^\W\d_][\w'’-]*)|\bcall me (?P<topic2>(?-i:[A-Z])[\w'’-]*)"
        r"|^\W*(?:(?:hi|hello|hey)\W+)?i(?:'m| am) (?P<topic3>(?-i:[A-Z])[\w'’-]+)\W*$",
    ),
    (
        "how_are_you",
        r"\bhow(?:'s| is) (?:it going|life|everything|your (?:day|night|evening|morning|week))\b|\bhow are (?:you"
        r"|things)\b(?! \w+ing)|\bhow(?:'re| are)? (?:you |ya )(?:doin|do\b|feeling|been|holding)"
        r"|\bhow have you been\b|\bare you (?:ok|okay|alright|well)\b|\bwhat'?s up\b|\bhow do you do\b",
    ),
    ("meal", r"\b(?:have|had|eat|ate|eating|having)\b.{0,12}\b(?:for )?(?:breakfast|lunch|dinner|supper)\b.*\?"),
    (
        "doing",
        r"\bwhat (?:are|were) you (?:doing|up to|working on|making|watching|reading|thinking)\b"
        r"|\bwhat have you been (?:doing|up to)\b|\bwhat did you do\b",
    ),
    (
        "invite",
        r"\bwho(?:['’]s| is| wants| else)? (?:up for|in for|coming|wants|with me|else is coming)\b|\bwho wants\b"
        r"|\b(?:do you|d'you|you) (?:wanna|want to|care to|feel like) (?:come|go|join|play|watch|grab|get|hang)\w*\b"
        r"|^\W*(?:let['’]s|shall we|wanna) (?:go|get|grab|have|play|watch|eat|drink|dance|do)\b",
    ),
    ("guess", r"\bguess what\b|^\W*you know what\W*$|\bcan i (?:tell|ask) you something\b"),
    (
        "shrug",
        r"^\W*(?:maybe|perhaps|whatever|dunno|i don['’]t (?:know|care)|meh|h+m+|um+|uh+|not sure|i guess(?: so)?"
        r"|who cares"
        r"|so|so what|well|anyway|nothing|nevermind|never mind|i see|ah|oh)\W*$",
    ),
    (
        "cool",
        r"^\W*(?:(?:that(?:'s| is) |how |so |very |pretty )*(?:cool|nice|wow|neat|great|awesome|sweet|amazing"
        r"|interesting|good|damn"
        r"|omg|whoa|wonderful|perfect|lovely|fun|fascinating|impressive|epic))(?:\W+(?:one|man|dude|bro|stuff|point"
        r"|idea|thing|job|story|line|too|lol))?\W*$",
    ),
    ("huh", r"^\W*(?:what|huh|eh|pardon|come again|excuse me)\W*$"),
    ("and_you", r"(?:^|[.!,?]\s*)(?:and|what about|how about) (?:you|yourself)\W*\?\W*$"),
    (
        "farewell",
        r"^\W*(?:(?:ok|okay|well|alright|anyway|thanks|right|cool)\W+)*(?:good ?bye|bye|see (?:you|ya)|good ?night"
        r"|farewell|cya"
        r"|later\b|(?:got to|gotta) go|so long|take care|talk (?:to you )?(?:later|soon))"
        r"|\b(?:i|i'm|we)\W? ?(?:have to|must|should|got to|need to|off to|going to) (?:go|leave|run|bed|sleep|head)\b",
    ),
    ("thanks", r"\bthank(?:s| you)\b|\bthx\b|\bmuch appreciated\b|\bcheers\b"),
    ("apology", r"^\W*(?:sorry|my bad|i apologi[sz]e|i(?:'m| am) (?:so |very )?sorry)\b|\bforgive me\b"),
    (
        "insult",
        r"\b(?:you(?:'re| are)|your?) (?:such |so |really |just |all |a |an |the |total |complete "
        r"|\w+, )*(?:\w+ )?(?:stupid|idiot|dumb|moron|ugly|boring|useless|loser|fool|pathetic|annoying|terrible"
        r"|awful|lame|ridiculous|disgusting|liar|hack|fraud|clown|fat|worthless|pretentious)\b|\bshut up\b"
        r"|\bi (?:hate|despise) you\b|\bscrew you\b|\byou suck\b|^\W*(?:idiot|moron|loser|fool|dummy)\b|\bget lost\b"
        r"|\byou stink\b",
    ),
    (
        "befriend",
        r"\bbe (?:my|your) (?:best )?(?:friend|buddy|girlfriend|boyfriend|valentine)\b|\b(?:are"
        r"|can) we (?:be )?friends\b",
    ),
    (
        "love",
        r"\bi (?:really |do |still )*(?:love|adore|like|miss|missed) (?:you|ya)\b|\bmarry me\b"
        r"|\bi(?: really)? (?:like|love|enjoy) "
        r"(?:talking|chatting|hanging out) (?:to|with) you\b",
    ),
    (
        "compliment",
        r"\byou(?:'re| are) (?:so |really |very |the |a |an |such |pretty |quite |such a )*(?:great|funny|hilarious"
        r"|smart|clever|brilliant|awesome|amazing|best|nice|kind|cute|sweet|genius|wonderful|cool|right|good|lovely"
        r"|charming|adorable)\b|\bwell done\b|\bgood (?:job|boy|one|point)\b|\bi like your\b|\bnice (?:one|job"
        r"|work)\b",
    ),
    ("cheer_up", r"\bcheer me up\b|\bmake me (?:smile|happy|feel better)\b|\bi need (?:cheering up|a laugh)\b"),
    (
        "sing",
        r"^\W*(?:please |can you |could you |would you |will you |now )*sing\b|\b(?:sing|hum) (?:me |us )?(?:a"
        r"|something|your)\b",
    ),
    (
        "dance",
        r"^\W*(?:please |can you |could you |would you |will you |now )*(?:dance|do (?:a|the|your) (?:little )?dance"
        r"|show me your (?:moves|dance))\b",
    ),
    ("poem", r"\b(?:write|recite|make up|make|give|tell|know)\b.{0,20}\b(?:poem|haiku|limerick|rhyme|verse)s?\b"),
    (
        "tease",
        r"^\W*(?:please |can you |could you |would you |will you |now )*(?:insult|roast|mock|tease|make fun of|burn"
        r"|diss|say something (?:mean|bad|rude|nasty) (?:about|to)) (?P<topic>[^?.!,]{2,30})",
    ),
    (
        "praise",
        r"^\W*(?:please |can you |could you |would you |will you |now )*(?:say something (?:nice|kind|good"
        r"|sweet) (?:about|to)|compliment|praise) (?P<topic>[^?.!,]{2,30})",
    ),
    ("hug", r"\b(?:give|gimme|have|need|want)\b.{0,12}\b(?:hug|kiss|cuddle|high five)\b|^\W*\*?hugs?\b"),
    ("secret", r"\b(?:tell|know|got|have|share)\b.{0,16}\bsecrets?\b"),
    (
        "help",
        r"\b(?:can|could|will|would) you help\b|^\W*(?:please )?help(?: me)?\b(?! (?:decide|choose))"
        r"|\bi need (?:your |some )?help\b",
    ),
    (
        "translate",
        r"\btranslate\b|\bhow do (?:you|i) say\b|\bspeak (?:french|spanish|german|italian|latin|norwegian|chinese"
        r"|japanese)\b",
    ),
    ("joke", r"\b(?:tell|know|got|hear)\b.{0,20}\bjokes?\b|\bmake me laugh\b|\bsomething funny\b"),
    (
        "story",
        r"\b(?:tell|share)\b.{0,20}\b(?:story|tale|anecdote)\b|\bonce upon\b.{0,10}\?|\btell me something\b"
        r"|\bsay something\b|\bentertain me\b|\bi(?:'m| am) (?:so )?bored\b",
    ),
    (
        "advice",
        r"\b(?:advice|any tips|advise|suggestions?|recommend\w*)\b|\bwhat should i\b|(?:don['’]t know"
        r"|no idea) what to do\b"
        r"|\bshould i\b|\bwhat would you do\b|\bhelp me (?:decide|choose)\b|\bhow (?:do|can|should|would) i\b",
    ),
    ("say_to", r"^\W*(?:please )?say (?:hi|hello|hey|good ?bye|something) to (?P<topic>[A-Z]\w+)"),
    (
        "opinion",
        r"\b(?:what do you think|what(?:'s| is) your (?:opinion|take|view)|how do you feel|your thoughts"
        r"|thoughts) (?:of|about|on) (?P<topic>[^?.!,]{2,50})",
    ),
    (
        "tell_about",
        r"\b(?:tell|teach|explain)\b.{0,8}\b(?:about|to me|me about) (?P<topic>[^?.!,]{2,50})|\b(?:talk|know|knows"
        r"|knew|hear|heard) (?:anything |something |much |more )?about (?P<topic2>[^?.!,]{2,50})",
    ),
    (
        "relation",
        r"\bdo(?:n['’]t)? you (?:really |still |even |actually )*(?:like|love|hate|miss|trust|know|enjoy|fancy"
        r"|prefer) (?P<topic>[^?.!,]{2,40}?)(?:\s+or\s+[^?]*)?\?",
    ),
    ("favourite", r"\b(?:your|you have a) favou?rite (?P<topic>[^?.!,]{2,30})"),
    (
        "sum",
        r"(?<!\w)(-?\d{1,9}(?:\.\d{1,6})?)\s*([-+*x×/÷]|plus|minus|times"
        r"|divided by)\s*(-?\d{1,9}(?:\.\d{1,6})?)(?!\w)",
    ),
    ("delights", r"\b(?:what|who) makes you (?:so )?(?:happy|laugh|smile|glad|tick|proud)\b"),
    (
        "feelings",
        r"\bdo you (?:ever |sometimes |often |not )*(?:get|feel|cry|dream)\b"
        r"|\bare you (?:ever |always |really |a |often )*(?:happy|sad|lonely|angry|jealous|scared|afraid|in love"
        r"|bored|tired|mad)\b"
        r"|\bwhat are you (?:most )?(?:afraid|scared|proud|ashamed) of\b|\bwhat (?:scares|frightens) you\b"
        r"|\bwhat do you (?:fear|dream)\b"
        r"|\b(?:your|a) (?:biggest|greatest|worst|secret) (?:fear|dream|wish|regret)\b",
    ),
    (
        "about_me",
        r"^\W*(?:(?:and|so|but|hey|then),? )?(?:do you (?:know|remember) )?(?:what|where|who|which|how many|how old"
        r"|when)"
        r"(?:'s| is| are| was| were| do| did| am| \w+ (?:do|did|am|have)){0,3} (?:my\b|i (?:do|come|live|work|have|like"
        r"|love|study|am|from|say|own"
        r"|called|said|mention|mentioned|told|tell|buy|bought|eat|ate|go|went)\b)",
    ),
    (
        "sad",
        r"\b(?:sad|lonely|depressed|crying|heartbroken|miserable|unhappy|grieving|devastated)\b|\b(?:died"
        r"|passed away|funeral|cancer|dumped me|left me|broke up|got fired|lost my)\b|\b(?:terrible|awful|horrible"
        r"|bad|rough|worst|hard) (?:day|week|night|year|time)\b|\bi feel (?:bad|awful|terrible|down|blue)\b",
    ),
    (
        "glad",
        r"\bi (?:won|passed|got (?:the job|promoted|married|engaged)|did it|made it)\b|\bgood news\b|\bgreat (?:day"
        r"|news)\b|\bi(?:'m| am) (?:so |really |very )*(?:happy|excited|thrilled|proud|glad)\b|\bmy birthday\b",
    ),
    ("laugh", r"^\W*(?:(?:ha|he|hi|ho){2,}h?|lo+l|lmao|rofl|hah)\b"),
    (
        "greeting",
        r"^\W*(?:hi+|hello+|hey+|yo|howdy|good (?:morning|evening|afternoon|day)|greetings|hiya"
        r"|sup)\b(?!.*\?)(?=[^\w'’]*(?:[\w'’]+[^\w'’]+){0,8}(?:[\w'’]+[^\w'’]*)?$)",
    ),
    (
        "disagree",
        r"^\W*(?:no|nope|nah|wrong|false|not true|i disagree|i don['’]t (?:agree|think so|believe)|that(?:'s"
        r"| is) (?:wrong|not|nonsense|ridiculous|stupid|a lie))\b|\byou(?:'re| are) wrong\b|\bdisagree\b",
    ),
    (
        "agree",
        r"^\W*(?:yes|yeah|yep|yup|sure|ok|okay|agreed|exactly|true|right|of course|absolutely|definitely|indeed|fine"
        r"|i agree|fair enough)\b(?=\W*(?:\w+\W+){0,3}(?:\w+\W*)?$)",
    ),
    (
        "choice",
        r"(?:^|\b(?:prefer|like|rather|want|choose|pick|have|be|which|better|it|is"
        r"|[:,]))\s*(?P<left>[\w'’]+(?: [\w'’]+){0,2}) or (?P<right>[\w'’]+(?: [\w'’]+){0,3})\s*\?",
    ),
    (
        "yes_no",
        r"(?:^|[.!,;]\s*|\b(?:so|and|but|well|hey|then)\s+)(?:do|does|did|are|is|was|were|am|can|could|will|would"
        r"|have|has|had|should|shall|may|might)(?:n['’]t)?\s+(?:you|i|we|he|she|it|they|this|that|these|those|there"
        r"|the|a|an|my|your|our|his|her|their|any|some|every\w+|any\w+|[A-Z]\w+)\b[^?]*\?",
    ),
    ("why", r"\bwhy\b|\bhow come\b"),
    ("where", r"\bwhere\b[^.!]*\?|^\W*where\b"),
    ("when", r"\bwhen\b[^.!]*\?|^\W*when\b[^.!,]*$|\bwhat (?:time|year|day)\b"),
    ("how_many", r"\bhow (?:many|much|old|long|far|big|tall|often)\b"),
    ("who", r"\bwho(?:'s|se|m)?\b[^.!]*\?|^\W*who\b"),
    ("how", r"\bhow\b[^.!]*\?|^\W*how\b"),
    ("what", r"\b(?:what|which)(?:'s|s)?\b[^.!]*\?|^\W*(?:what|which)\b"),
    (
        "request",
        r"^\W*(?:please |can you |could you |would you |will you )?(?:sing|dance|write|make|give|show|help|do|draw"
        r"|play|read|find|list|translate|count|come|let's|let us|go|stop|try|tell|say)\b",
    ),
)

QUESTIONS = frozenset({
    "yes_no", "why", "where", "when", "how_many", "who", "how", "what", "choice", "tell_about", "home", "job", "age",
    "feelings", "delights", "about_me", "time_now", "weather", "meaning",
})  # fmt: skip
"""Kinds that want to know something."""
FACTUAL = QUESTIONS - {"choice", "age", "feelings", "delights", "about_me", "time_now", "weather", "meaning"}
"""Kinds whose answer may stand in a passage."""


@cache
def kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kind and pattern, the particular before the general: the first that is found in a line holds.

    Compiled when the first line is read, and not when the house starts.
    """
    return tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES)
