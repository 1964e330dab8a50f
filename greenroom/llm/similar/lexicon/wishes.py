"""Words that say what kind of answer is wanted: which question, in which form, in which language."""

from greenroom.llm.similar.lexicon.listing import listed

OPENERS = frozenset(
    listed("""
is are am was were do does did can could will would shall should has have had may might must isn't aren't
""")
)
HOW_MUCH = frozenset(
    listed("""
much many long often far old big large small tall high deep wide fast hot cold heavy soon late
""")
)
TIMES = frozenset(listed("time date day year month deadline"))
COMMANDS = frozenset(
    listed("""
write list give tell explain describe summarize summarise translate compare generate create make show draw
design draft rewrite paraphrase convert calculate compute solve find name define recommend suggest outline
classify cancel book order send transfer move set add remove delete open close turn play stop start remind call
buy pay change update rank sort count spell correct proofread fix improve shorten expand simplify imagine
pretend act answer discuss analyze
""")
)
ON_THE_TEXT = frozenset(
    listed("""
translate translation proofread rewrite reword rephrase paraphrase summarize summarise summary spell spelling
pronounce pronunciation rhyme rhymes syllable syllables capitalize punctuate grammar grammatical grammatically
anagram palindrome letters characters transcribe shorten sentence
""")
)
"""Work on a text that stands in the prompt: there every letter may matter."""

FORMS = {
    **dict.fromkeys(listed("list lists bullet bullets bulleted"), "list"),
    **dict.fromkeys(listed("table tabular spreadsheet"), "table"),
    **dict.fromkeys(listed("short brief briefly concise concisely succinct short"), "short"),
    **dict.fromkeys(
        listed("""
detailed detail details thorough comprehensive elaborate depth
"""),
        "long",
    ),
    **dict.fromkeys(listed("simple simply layman"), "simple"),
    **dict.fromkeys(listed("summary summarize summarise summarized"), "summary"),
    **dict.fromkeys(listed("example examples instance instances"), "example"),
    **dict.fromkeys(listed("poem poetry verse"), "poem"),
    **dict.fromkeys(listed("essay article"), "essay"),
    **dict.fromkeys(listed("joke funny humorous"), "joke"),
    **dict.fromkeys(listed("formal professional"), "formal"),
    **dict.fromkeys(listed("informal casual"), "casual"),
    **dict.fromkeys(listed("translate translation"), "translation"),
    **dict.fromkeys(listed("compare comparison"), "comparison"),
    **{
        word: word
        for word in listed("""
json xml yaml csv html markdown haiku sonnet limerick song story tweet slogan
""")
    },
    **{
        word: word
        for word in listed("""
paragraph paragraphs sentence sentences diagram pseudocode regex sql quote
""")
    },
    **{word: word for word in listed("synonym antonym rhyme acronym opposite")},
}

STOP_WORDS = {
    "de": "der die das und ist nicht ein eine wie was wo wer wann warum ich sie wir ihr mit auf für von zu kann mein",
    "fr": "le la les des est et une dans que qui quoi où quand comment pourquoi je tu nous vous avec pour sur mon ma",
    "es": "el los las una es y que qué cómo dónde cuándo quién por para con mi tu yo puedo está hay del cuál",
    "it": "il lo gli una è e che cosa come dove quando chi perché per con mio mia sono posso della quale",
    "pt": "o os as uma é e que como onde quando quem por para com meu minha eu posso está não qual",
    "nl": "de het een is en niet hoe wat waar wie wanneer waarom ik jij wij met voor op van mijn kan",
    "sv": "och är inte en ett hur vad var vem när varför jag du vi med för på av min kan det",
    "pl": "i jest nie jak co gdzie kto kiedy dlaczego ja ty my z dla na od mój czy się to",
    "tr": "ve bir bu ne nasıl nerede kim ne zaman neden ben sen için ile mi değil",
}
"""Frequent words by language. Those that are English words too count for neither."""
LANGUAGES = frozenset(
    listed("""
english french german spanish italian portuguese dutch swedish danish norwegian finnish polish czech russian
ukrainian greek turkish arabic hebrew persian hindi urdu bengali chinese mandarin cantonese japanese korean
vietnamese thai latin welsh irish gaelic catalan basque hungarian romanian bulgarian serbian croatian swahili
zulu python java javascript typescript rust ruby php swift kotlin scala haskell perl bash sql matlab
""")
)
