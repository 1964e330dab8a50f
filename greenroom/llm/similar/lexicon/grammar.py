"""Words that hold a sentence together, and those that turn its meaning."""

from greenroom.llm.similar.lexicon.listing import listed

ARTICLES = frozenset(listed("a an the"))
AUXILIARIES = frozenset(
    listed("""
be am is are was were been being do does did have has had having
""")
)
CONNECTIVES = frozenset(
    listed("""
and or but if then than that which who whom whose what when where why how whether as of at on in to for by with
about from into onto upon this these those there here it its itself i me my mine myself we us our ours you your
yours yourself he him his she her hers they them their theirs one ones also too so just even still yet already
very really quite rather perhaps maybe please some any such via through towards while during though although
because since again ever is am are go get got let whats etc eg ie
""")
)
MODALS = frozenset(
    listed("""
can could may might will would shall should must ought need needs needed required requires able possible
""")
)

NEGATIONS = frozenset(
    listed("""
not no never none nobody nothing nowhere neither nor without cannot except unless non
""")
)
"""Each turns what it stands with into its opposite."""
NEAR_NEGATIONS = frozenset(
    listed("""
avoid fail fails failed failing refuse refuses lack lacks lacking hardly barely scarcely
""")
)

DIRECTIONS = {
    "from": "from",
    "to": "to",
    "into": "to",
    "onto": "to",
    "towards": "to",
    "in": "in",
    "at": "in",
    "inside": "in",
    "within": "in",
    "on": "on",
    "off": "off",
    "out": "out",
    "outside": "out",
    "up": "up",
    "down": "down",
    "before": "before",
    "until": "before",
    "till": "before",
    "prior": "before",
    "after": "after",
    "following": "after",
    "since": "after",
    "with": "with",
    "without": "without",
    "for": "for",
    "against": "against",
    "versus": "against",
    "vs": "against",
    "over": "over",
    "above": "over",
    "under": "under",
    "below": "under",
    "beneath": "under",
    "by": "by",
    "than": "than",
    "between": "between",
    "via": "via",
    "through": "via",
    "of": "of",
    "about": "about",
    "as": "as",
    "during": "during",
    "near": "near",
    "behind": "behind",
    "beside": "near",
    "among": "between",
}
"""What a preposition says about the words after it."""

FIRST_PERSON = frozenset(listed("i me my mine myself we us our ours ourselves"))
SECOND_PERSON = frozenset(listed("you your yours yourself yourselves"))
THIRD_PERSONS = {
    **dict.fromkeys(("he", "him", "his", "himself"), "he"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "she"),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves"), "they"),
}

SCOPES = {
    **dict.fromkeys(
        listed("""
all every everyone everybody everything each entire whole always
"""),
        "all",
    ),
    **dict.fromkeys(listed("only solely exclusively"), "only"),
    **dict.fromkeys(listed("most majority mostly usually mainly"), "most"),
    **dict.fromkeys(listed("least minimum minimal lowest smallest min"), "least"),
    **dict.fromkeys(listed("maximum maximal highest largest biggest greatest max"), "greatest"),
    **dict.fromkeys(listed("earliest initial original"), "first"),
    **dict.fromkeys(listed("last final latest"), "last"),
    **dict.fromkeys(listed("best ideal optimal"), "best"),
    **dict.fromkeys(["worst"], "worst"),
    **dict.fromkeys(["better"], "better"),
    **dict.fromkeys(["worse"], "worse"),
    **dict.fromkeys(listed("more additional extra further"), "more"),
    **dict.fromkeys(listed("less fewer"), "less"),
    **dict.fromkeys(["both"], "both"),
    **{word: word for word in listed("or while unless because instead per versus plus minus")},
    **dict.fromkeys(["half"], "half"),
    **dict.fromkeys(listed("few several"), "few"),
    **dict.fromkeys(listed("many much lots"), "many"),
    **dict.fromkeys(listed("same identical"), "same"),
    **dict.fromkeys(
        listed("""
other others another else elsewhere alternative alternatives
"""),
        "other",
    ),
    **dict.fromkeys(["own"], "own"),
    **dict.fromkeys(listed("average mean median typical"), "average"),
    **dict.fromkeys(listed("total altogether overall"), "total"),
    **dict.fromkeys(listed("enough sufficient"), "enough"),
    **dict.fromkeys(["alone"], "alone"),
    **dict.fromkeys(["self"], "self"),
    **dict.fromkeys(["ex"], "previous"),
    **dict.fromkeys(listed("sometimes occasionally"), "sometimes"),
    **dict.fromkeys(listed("rarely seldom"), "rarely"),
    **dict.fromkeys(listed("often frequently"), "often"),
    **dict.fromkeys(listed("previous former prior earlier"), "previous"),
    **dict.fromkeys(listed("next upcoming"), "next"),
    **dict.fromkeys(listed("current currently present"), "current"),
    **dict.fromkeys(listed("exactly exact precisely precise"), "exact"),
    **dict.fromkeys(listed("approximately roughly approx around"), "rough"),
}
"""What a word says about how much of something is meant, or which of several."""

LIGHT = frozenset(
    listed("""
way ways method methods time times date dates day year moment place places spot location person people human
someone somebody somewhere something anything thing things country city town artist author writer company
organization number amount count age height length size type types kind sort sorts get gets getting got receive
receives received obtain make makes making made use uses used using find see look tell know define describe
explain cause causes caused reason reasons good nice effective proper available various certain particular
specific question answer now today's typically generally usually normally idea ideas word words term concept
body sites site website websites forecast try help take takes taken come comes happen happens give gives offer
offers put go goes called call
""")
)
"""Words that add nothing to a question when they are all that it has more."""
