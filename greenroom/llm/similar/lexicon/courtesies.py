"""What people put around a question without asking anything by it. Patterns, matched as whole words."""

_GREETING = r"(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"

_BEFORE_A_QUESTION = r"(?=[ ,](?:who|what|when|where|why|how|which|whether|if)\b)"
_FILLED = r"(?:u+m+|u+h+|er+m?|so|how|what|when|where|why|who|which|can|could|do|does|did|is|are|i)"

OPENINGS = (
    rf"{_GREETING}(?: there| all| everyone| everybody| team| folks| guys| again)?(?=[\s,.!:;-])",
    r"(?:morning|afternoon|evening)(?=[!,])",
    r"(?:would|could) you (?:please |kindly |possibly )?(?:mind )?(?:tell(?:ing)?|explain(?:ing)?) (?:to )?(?:me|us)",
    r"can you (?:please |kindly )?(?:tell|explain to|help) (?:me|us)(?: out)?(?: with)?" + _BEFORE_A_QUESTION,
    r"(?:tell|let|show|teach) me(?: know)?" + _BEFORE_A_QUESTION,
    r"do you (?:happen to )?know" + _BEFORE_A_QUESTION,
    r"(?:does )?(?:any|some)(?:one|body) knows?" + _BEFORE_A_QUESTION,
    r"i(?:'m| am|m)? (?:just |was just |was )?(?:wonder(?:ing)?|curious)(?: about)?" + _BEFORE_A_QUESTION,
    r"i(?: would|'d)? ?(?:just )?(?:like|love|want|need)? ?to (?:know|find out|ask|learn)" + _BEFORE_A_QUESTION,
    r"(?:just )?(?:a )?quick (?:question|one)|(?:i have |i've got )?a question(?=[ ]?[:,-])|(?:just )?wondering(?=,)",
    r"(?:excuse|pardon) me|sorry (?:to bother you|to ask)",
    r"please|pls|plz|kindly",
    r"(?:u+m+|u+h+|e+r+m?|h+m+|ah+|oh|ok|okay|so|well|yeah|right)" + rf"(?=,|\s+{_FILLED}\b)",
)
"""Where a sentence begins."""
CLOSINGS = (
    r"(?:many |lots of )?thanks(?: a lot| a million| so much| very much| again| in advance)?",
    r"thank you(?: so much| very much| again| in advance| kindly)?",
    r"much appreciated|cheers|kind regards|best regards|please|pls|plz",
    r"if (?:that's|that is|it's|it is) (?:ok|okay|alright|possible)",
)
"""Where the text ends."""
ANYWHERE = (r"(?<!to )please|pls|plz|kindly", r"u+m+|u+h+|erm+", r"by the way|btw|basically|actually|honestly")

FRAMES = (
    (
        r"(?:what(?:'s| is| are| would be)|whats) the (?:best |right |correct |proper |usual )?"
        r"(?:way|ways|method|steps|step|process|procedure|instructions)(?: to| for| of)(?: go about| going about)?",
        "how do i",
    ),
    (
        r"how (?:do|does|can|could|should|would|might|may) (?:i|you|we|one|someone|somebody|a person|people)"
        r"(?: go about| be able to| possibly)?",
        "how do i",
    ),
    (r"how (?:is it possible )?to", "how do i"),
    (r"what (?:do|should|must|would) (?:i|we|you|one) (?:have to |need to )?do (?:in order )?to", "how do i"),
    (
        r"(?:is it possible|is there (?:a|any) way|would it be possible|am i able|are we able|are you able)"
        r"(?: for me| for us)? to",
        "can i",
    ),
    (r"(?:could|may|might) (?:i|we|you|one)", "can i"),
    (r"can (?:we|you|one|someone|somebody|people)", "can i"),
    (
        r"(?<!do )(?<!did )(?<!should )(?<!will )(?<!would )(?<!must )i(?:'d| would)? ?"
        r"(?:want|wish|like|need|am trying|'m trying|am looking|'m looking|love) to",
        "",
    ),
    (r"(?:in order|so as) to", "to"),
    (r"(?:what is|what's|whats) (?:meant by|the meaning of|the definition of)", "what does mean"),
    (r"(?:a lot|lots|plenty|loads) of", "many"),
    (r"(?:an?|the) (?:couple|pair) of", "two"),
    (r"(?:(?:don't|do not|dont) (?:need|have) to|needn't)", "not must"),
    (r"(?:have|has|had|need|needs) to(?= \w)", "must"),
)
"""Ways to begin the same question, and what stands for them. In lower case."""
