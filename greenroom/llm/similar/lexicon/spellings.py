"""Forms of the same word: contractions, British and American spelling, irregular endings."""

from greenroom.llm.similar.lexicon.listing import listed

CONTRACTIONS: dict[str, tuple[str, ...]] = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "cant": ("can", "not"),
    "won't": ("will", "not"),
    "wont": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "dont": ("do", "not"),
    "doesnt": ("does", "not"),
    "didnt": ("did", "not"),
    "isnt": ("is", "not"),
    "arent": ("are", "not"),
    "wasnt": ("was", "not"),
    "werent": ("were", "not"),
    "havent": ("have", "not"),
    "hasnt": ("has", "not"),
    "hadnt": ("had", "not"),
    "shouldnt": ("should", "not"),
    "wouldnt": ("would", "not"),
    "couldnt": ("could", "not"),
    "mustnt": ("must", "not"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "youre": ("you", "are"),
    "theyre": ("they", "are"),
    "whats": ("what", "is"),
    "what's": ("what", "is"),
    "whos": ("who", "is"),
    "who's": ("who", "is"),
    "wheres": ("where", "is"),
    "where's": ("where", "is"),
    "when's": ("when", "is"),
    "whens": ("when", "is"),
    "how's": ("how", "is"),
    "hows": ("how", "is"),
    "why's": ("why", "is"),
    "that's": ("that", "is"),
    "thats": ("that", "is"),
    "it's": ("it", "is"),
    "there's": ("there", "is"),
    "theres": ("there", "is"),
    "here's": ("here", "is"),
    "let's": ("let", "us"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "gotta": ("have", "to"),
    "u": ("you",),
    "ur": ("your",),
    "r": ("are",),
}

SPELLINGS = {
    "analyse": "analyze",
    "apologise": "apologize",
    "authorise": "authorize",
    "behaviour": "behavior",
    "cancelled": "cancel",
    "cancelling": "cancel",
    "cancellation": "cancel",
    "catalogue": "catalog",
    "centre": "center",
    "cheque": "check",
    "colour": "color",
    "customise": "customize",
    "defence": "defense",
    "e-mail": "email",
    "enrol": "enroll",
    "favourite": "favorite",
    "flavour": "flavor",
    "fulfil": "fulfill",
    "grey": "gray",
    "harbour": "harbor",
    "honour": "honor",
    "instalment": "installment",
    "instalments": "installment",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "kerb": "curb",
    "labour": "labor",
    "licence": "license",
    "licences": "license",
    "litre": "liter",
    "litres": "liter",
    "maths": "math",
    "memorise": "memorize",
    "metre": "meter",
    "metres": "meter",
    "neighbour": "neighbor",
    "neighbours": "neighbor",
    "offence": "offense",
    "optimise": "optimize",
    "organisation": "organization",
    "organise": "organize",
    "programme": "program",
    "programmes": "program",
    "realise": "realize",
    "recognise": "recognize",
    "summarise": "summarize",
    "theatre": "theater",
    "traveller": "traveler",
    "travelling": "travel",
    "travelled": "travel",
    "tyre": "tire",
    "tyres": "tire",
    "utilise": "utilize",
    "whilst": "while",
    "visualise": "visualize",
}

_FORMS = """
be: am is are was were been being | have: has had having | do: does did done doing | go: goes went gone going
buy: bought buys buying | pay: paid pays paying | sell: sold selling sells | send: sent sending sends
get: got gotten gets getting | give: gave given gives giving | take: took taken takes taking
make: made makes making | lose: lost losing loses | win: won winning wins | find: found finding finds
forget: forgot forgotten forgetting forgets | begin: began begun beginning begins | start: starts started starting
write: wrote written writing writes | read: reads reading | speak: spoke spoken speaks speaking
say: said says saying | tell: told tells telling | know: knew known knows knowing | see: saw seen sees seeing
think: thought thinks thinking | bring: brought brings bringing | catch: caught catches catching
teach: taught teaches teaching | break: broke broken breaks breaking | choose: chose chosen chooses choosing
come: came comes coming | drink: drank drunk drinks drinking | drive: drove driven drives driving
eat: ate eaten eats eating | fall: fell fallen falls falling | feel: felt feels feeling
fly: flew flown flies flying | grow: grew grown grows growing | hear: heard hears hearing | hold: held holds holding
keep: kept keeps keeping | leave: left leaves leaving | meet: met meets meeting | ride: rode ridden rides riding
run: ran runs running | sing: sang sung sings singing | sit: sat sits sitting | sleep: slept sleeps sleeping
spend: spent spends spending | stand: stood stands standing | steal: stole stolen steals stealing
swim: swam swum swims swimming | throw: threw thrown throws throwing
understand: understood understands understanding | wake: woke woken wakes waking | wear: wore worn wears wearing
build: built builds building | rise: rose risen rises rising | die: died dies dying dead death
lie: lied lies lying | child: children childs | man: men | woman: women | person: people persons | foot: feet
tooth: teeth | mouse: mice | knife: knives | life: lives | wife: wives | shelf: shelves | datum: data
medium: media | criterion: criteria | analysis: analyses | thesis: theses | crisis: crises
stop: stopped stopping stops | plan: planned planning plans | ship: shipped shipping ships
book: booking booked books bookings | refer: referred referring refers referral
install: installation installed installing installs installations | pregnant: pregnancy
deliver: delivery deliveries delivers delivered delivering | refund: refunds refunded refunding
reserve: reservation reservations reserved reserving reserves | subscribe: subscription subscriptions subscribed
register: registration registered registering registers | apply: application applications applied applying applies
arrive: arrival arrivals arrived arrives arriving | depart: departure departures departed
renew: renewal renewals renewed renewing renews | open: opening opened opens | close: closing closed closes closure
complain: complaint complaints complained complains complaining | park: parking parked parks
invite: invitation invitations invited invites | confirm: confirmation confirmed confirms confirming
connect: connection connected connects connecting connections | translate: translation translations translated
explain: explanation explained explains explaining explanations
describe: description described describes describing | define: definition definitions defined
differ: difference differences different differs | advise: advice advised | move: moved moves moving
use: used uses using usage | wait: waiting waited waits | withdraw: withdrawal withdrew withdrawn
withdraw: withdrawals withdrawing withdraws | hot: hotter hottest | big: bigger biggest | good: goodness
prescribe: prescribed prescribing prescribes | tax: taxes taxed taxing taxation | cost: costs costing
"""

IRREGULAR: dict[str, str] = {
    form: lemma.strip()
    for line in _FORMS.strip().splitlines()
    for entry in line.split("|")
    for lemma, _, forms in [entry.partition(":")]
    for form in [lemma.strip(), *forms.split()]
}

UNTOUCHED = frozenset(
    listed("""
always this thus yes gas bus plus news species series physics maths economics politics athletics during nothing
something anything everything thing king ring string spring morning evening ceiling sing bring red bed need seed
speed feed breed indeed exceed proceed succeed hundred sacred united less unless process address access business
witness fitness illness success express press stress dress class glass grass pass mass loss boss cross across
christmas texas paris jesus virus status bonus focus campus census
""")
)

ADJECTIVES = listed("""
big small large little long short tall high low deep wide narrow thick thin heavy light fast slow quick early
late new old young fresh hard soft loud quiet strong weak rich poor cheap dear clean dirty safe healthy happy
sad easy busy noisy hot cold warm cool wet dry bright dark sharp smooth rough tight loose near close simple
clever smart kind nice fine pretty tasty lazy crazy funny friendly lovely ugly tiny huge great mild wild sweet
sour salty spicy fair pure rare common
""")


def _degree(adjective: str, ending: str) -> tuple[str, ...]:
    """Both spellings: of a word that doubles its last letter, the other one does not exist."""
    if adjective.endswith("e"):
        return (adjective[:-1] + ending,)
    if adjective.endswith("y"):
        return (adjective[:-1] + "i" + ending,)
    return (adjective + ending, adjective + adjective[-1] + ending)


COMPARATIVES = {form: word for word in ADJECTIVES for form in _degree(word, "er")}
SUPERLATIVES = {form: word for word in ADJECTIVES for form in _degree(word, "est")}
