"""Words for numbers, units, days and times."""

from greenroom.llm.similar.lexicon.listing import listed

CARDINALS = {
    word: value
    for value, word in enumerate(
        listed("""
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
""")
    )
} | {
    word: 10 * tens
    for tens, word in enumerate(listed("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 10**6, "billion": 10**9, "dozen": 12}
ORDINALS = {
    word: value
    for value, word in enumerate(
        listed("""
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
"""),
        start=1,
    )
}
ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})

_UNITS = """
second 1 time: second seconds sec secs s | second 60 time: minute minutes min mins
second 3600 time: hour hours hr hrs h | day 1 days: day days | day 7 days: week weeks
day 14 days: fortnight fortnights | month 1 months: month months | month 12 months: year years yr yrs
month 120 months: decade decades | meter 0.001 length: mm millimeter millimeters
meter 0.01 length: cm centimeter centimeters | meter 1 length: m meter meters metre metres
meter 1000 length: km kms kilometer kilometers kilometre kilometres | meter 0.0254 length: inch inches
meter 0.3048 length: foot feet ft | meter 1609.344 length: mile miles mi | gram 0.001 mass: mg milligram milligrams
gram 1 mass: g gram grams | gram 1000 mass: kg kgs kilo kilos kilogram kilograms | ounce 1 mass: oz ounce ounces
lb 1 mass: lb lbs | stone 1 mass: stone stones | ton 1 mass: ton tons tonne tonnes
liter 0.001 volume: ml milliliter milliliters millilitre millilitres | liter 1 volume: l liter liters litre litres
pint 1 volume: pint pints | gallon 1 volume: gallon gallons | cup 1 volume: cup cups | byte 1 data: byte bytes
byte 1000 data: kb | byte 1000000 data: mb | byte 1000000000 data: gb | byte 1000000000000 data: tb
percent 1 share: % percent pct | degree 1 heat: ° degree degrees | watt 1 power: w watt watts | watt 1000 power: kw
pound 1 money: £ pound pounds quid gbp | dollar 1 money: $ dollar dollars bucks usd | euro 1 money: € euro euros eur
yen 1 money: ¥ yen | cent 1 money: cent cents | penny 1 money: penny pence
"""

UNITS: dict[str, tuple[str, float]] = {
    form: (head.split()[0], float(head.split()[1]))
    for line in _UNITS.strip().splitlines()
    for entry in line.split("|")
    for head, _, forms in [entry.partition(":")]
    for form in forms.split()
}
"""What a unit is counted in, and how many of those it is."""

MOMENTS = {
    **{day: day for day in listed("monday tuesday wednesday thursday friday saturday sunday")},
    **{day + "s": day for day in listed("monday tuesday wednesday thursday friday saturday sunday")},
    **{
        month: month
        for month in listed("""
january february april june july august september october november december
""")
    },
    **dict.fromkeys(("weekday", "weekdays"), "weekday"),
    **dict.fromkeys(("weekend", "weekends"), "weekend"),
    **dict.fromkeys(("tonight", "evening", "evenings"), "evening"),
    **dict.fromkeys(("morning", "mornings"), "morning"),
    **dict.fromkeys(("afternoon", "afternoons"), "afternoon"),
    **dict.fromkeys(("night", "nights", "overnight"), "night"),
    **{
        word: word
        for word in listed("""
today tomorrow yesterday noon midnight lunchtime summer winter autumn springtime christmas easter halloween
thanksgiving ramadan hanukkah
""")
    },
    **dict.fromkeys(("daily", "everyday"), "day"),
    **dict.fromkeys(("hourly",), "hour"),
    **dict.fromkeys(("weekly",), "week"),
    **dict.fromkeys(("fortnightly",), "fortnight"),
    **dict.fromkeys(("monthly",), "month"),
    **dict.fromkeys(("quarterly",), "quarter"),
    **dict.fromkeys(("yearly", "annually", "annual"), "year"),
    **dict.fromkeys(("ago",), "ago"),
}
AMBIGUOUS_MOMENTS = {
    **dict.fromkeys(("march", "mar"), "march"),
    "may": "may",
    "mon": "monday",
    "tue": "tuesday",
    "tues": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "thurs": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
    "jan": "january",
    "feb": "february",
    "apr": "april",
    "jun": "june",
    "jul": "july",
    "aug": "august",
    "sep": "september",
    "sept": "september",
    "oct": "october",
    "nov": "november",
    "dec": "december",
    "spring": "springtime",
    "fall": "autumn",
}
"""Words that are moments only where the words around them say so."""
BEFORE_A_MOMENT = frozenset(
    listed("""
in on of since until till by from during last next this every each
""")
)
SPANS = frozenset(listed("minute hour day week fortnight month quarter year decade century"))
BEFORE_A_SPAN = frozenset(listed("last next this every each a an per"))
AFTERNOONS = frozenset({"afternoon", "evening", "night", "pm"})
