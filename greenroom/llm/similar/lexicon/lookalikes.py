"""Different words that look like one word mistyped."""

_PAIRS = """
trail trial | angel angle | dairy diary | casual causal | united untied | desert dessert | planing planning
later latter | diner dinner | loose lose | coma comma | martial marital | sacred scared | silver sliver
quiet quite | county country | contract contact | costume custom | thought though | through though
through thorough | bread bead | board bard | friend fiend | complaint compliant | compliment complement
content contents | council counsel | personal personnel | principal principle | moral morale | human humane
local locale | breath breathe | cloth clothe | bath bathe | envelop envelope | carton cartoon | curtain certain
hopping hoping | staring starring | scraping scrapping | tapping taping | filing filling | riding ridding
plant pant | planet plant | plane plan | stable table | strain stain | stream steam | spray stray | climate climatic
chance change | charge change | store stoe | clear clean | course coarse | career carrier | carer career
bother brother | broth both | start stat | state sate | tried tired | being begin | beings begins | fired fried
sauce source | slat salt | votes stove | crust curst | clam calm | signal single | singe single | resent recent
reign resign | region reign | immigrate emigrate | discrete discreet | inverse invest | tenant tenet | sever server
serve server | every very | where were | than then | their there | affect effect | trader trade | buyer buy
grater greater | grate great | black back | blind bind | brand band | brown bown | class clas | cloud could
county count | court cout | flower lower | flow low | glove love | grain gain | grave gave | slave save | sleep seep
slow sow | small mall | smart mart | space pace | speed seed | stone tone | store tore | track tack | train rain
trust rust | wheat heat | bitten biten | ratio ration | native naive | statue statute | status statue
stationary stationery | precede proceed | insulin insuline | heroin heroine | morphine morphin | cation caution
action auction | relation elation | mission emission | passed pased
"""

LOOKALIKES = frozenset(
    frozenset(pair.split()) for line in _PAIRS.strip().splitlines() for pair in line.split("|") if pair.strip()
)
