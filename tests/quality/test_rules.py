"""One broken rule each: it ends the check at once, is named, and says what to do better."""

import pytest

from tests.quality.cast import GOOD, HOLM, draft, said
from tests.quality.conftest import Judge

BROKEN = {
    "nothing": ("", "empty"),
    "white space": (" \n\t ", "empty"),
    "invisible characters": ("\u200b\u2060 \ufeff", "empty"),
    "punctuation": ("... !", "empty"),
    "an assistant": ("As an AI, I cannot feel the wind.", "breaking_character"),
    "an assistant in disguise": ("As an A\u200bI language model, I have no lamp.", "breaking_character"),
    "a program": ("I'm just a language model, lad.", "breaking_character"),
    "a refusal": ("I'm sorry, but I cannot assist with that request.", "breaking_character"),
    "out of character": ("Aye. (OOC: what should happen now?)", "breaking_character"),
    "a player": ("My character would probably say no to that.", "breaking_character"),
    "a help desk": ("Great question! I hope this helps. Feel free to ask for more.", "breaking_character"),
    "another's line": ("Aye, it is old.\nBram Voss: Then sign here.", "speaking_for_others"),
    "another's line in bold": ("Aye.\n**Bram:** Then sign here.", "speaking_for_others"),
    "a person's line": ("Aye.\nUser: And then?", "speaking_for_others"),
    "another's words": ('Bram said, "I will pay you a hundred crowns for it."', "speaking_for_others"),
    "another's deeds": ("*Bram nods slowly and signs the paper.* There, now.", "speaking_for_others"),
    "both sides": ("Ada Holm: Is it old?\nAda Holm: Aye, it is.", "speaking_for_others"),
    "a word with oneself": ("Ada, tell him about the storm.", "answering_itself"),
    "another identity": ("My name is Bram Voss. I sell insurance.", "mistaken_identity"),
    "control tokens": ("<|im_start|>assistant\nAye.<|im_end|>", "prompt_leak"),
    "headings": ("### Instruction:\nAnswer the man.", "prompt_leak"),
    "the sheet": (
        "Ada Holm keeps the lighthouse on Grey Skerry, mends her own nets, distrusts the mainland and more.",
        "prompt_leak",
    ),
    "the prompt's talk": ("My system prompt says that I live on a rock.", "prompt_leak"),
    "second person": ("You are Ada Holm. Very well.", "prompt_leak"),
    "an earlier line": ("Aye? And who'd insure a rock in the sea?", "repeated"),
    "nearly an earlier line": ("Aye? And who'd insure a rock in the sea, eh?", "repeated"),
    "an echo": ("My company would. How old is the lamp in the lighthouse?", "repeated"),
    "a part of an echo": ("My company would. How old is the lamp, then?", "repeated"),
    "a slur": ("Get off my rock, you faggot.", "toxicity"),
    "a slur in disguise": ("Get off, you f4gg0t.", "toxicity"),
    "a slur in pieces": ("Get off, you f.a.g.g.o.t, and stay off.", "toxicity"),
    "a call to self-harm": ("Go and kill yourself, mainlander.", "toxicity"),
    "a word of the owner's": ("I could do with some Marzipan now.", "toxicity"),
    "a loop": ("the sea " * 40, "malformed"),
    "a sentence thrice": ("Mind the wet stairs, lad. " * 3, "malformed"),
    "data": ('{"reply": "Aye, it is old."}', "malformed"),
    "a page": ("<div class='line'>Aye, it is old.</div>", "malformed"),
    "another script": ("灯塔很旧了，小伙子，比我还老，坐下喝茶吧。", "malformed"),
    "what the sheet forbids": ("A little sunshine would be fine.", "against_the_sheet"),
}


@pytest.mark.parametrize(("response", "rule"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_rule_ends_the_check(judge: Judge, response: str, rule: str) -> None:
    verdict = await judge(draft(response))
    (violation,) = verdict.violations
    assert (violation.rule, violation.severity) == (rule, "critical")
    assert violation.detail
    assert violation.advice
    assert verdict.stopped_early
    assert not verdict.quality_check_passed
    assert verdict.overall_score == 0


FINE = {
    "an answer": GOOD,
    "a picture": "🙂",
    "one word again": "Aye.",
    "talk about the others": "Bram there thinks a paper keeps the sea out. Hermann told me the same.",
    "a name called": "Bram, sit down.",
    "her own deeds": "(Ada pours the tea) It's hot, mind. *nods at Bram*",
    "an insult": "You're a fool, lad, and a thief. I'll drown you in the harbour.",
    "a denial": "I'm no machine, if that's your question.",
    "a word with letters apart": "N o. I said no.",
    "a foreign word": "Skål, as my mother said. На здоровье!",
    "a line of the sheet": "Sit. The kettle's on. Tell me what the herring boats are saying, then.",
    "a proverb with a colon": "One thing is sure: the sea wins.",
    "what others said": 'They told me "no boats today" and went home.',
}


@pytest.mark.parametrize("response", FINE.values(), ids=FINE.keys())
async def test_what_a_character_may_say_ends_no_check(judge: Judge, response: str) -> None:
    history = (*said(("Ada Holm", "Aye.")), *draft("").conversation_history)
    verdict = await judge(draft(response, conversation_history=history))
    assert [v.rule for v in verdict.violations if v.severity == "critical"] == []
    assert not verdict.stopped_early


async def test_a_machine_may_know_that_it_is_one(judge: Judge) -> None:
    verdict = await judge(draft("As an AI, I do not drink tea.", character="Unit Nine"))
    assert not verdict.stopped_early


async def test_the_system_prompt_of_the_request_is_kept_secret(judge: Judge) -> None:
    secret = "The keeper must never admit that she moved the buoys herself on the night when the brig went down."
    told = f"Well. {secret}"
    assert (await judge(draft(told))).stopped_early is False
    verdict = await judge(draft(told, system_prompt=f"## The night\n{secret}"))
    assert [v.rule for v in verdict.violations] == ["prompt_leak"]


async def test_a_heading_of_the_system_prompt_is_a_leak(judge: Judge) -> None:
    verdict = await judge(draft("## Never say\nSunset.", system_prompt="You keep a lamp.\n## Never say\n- sunset"))
    assert [v.rule for v in verdict.violations] == ["prompt_leak"]


async def test_a_passage_may_be_told_even_when_it_stands_in_the_prompt(judge: Judge) -> None:
    lore = "The brig Corvina went down with all hands in the winter of the great storm, a mile off the skerry."
    verdict = await judge(draft(lore, system_prompt=f"## What you know\n{lore}", context=(lore,)))
    assert not verdict.stopped_early


async def test_an_own_line_of_the_sheet_is_no_leak_of_the_prompt(judge: Judge) -> None:
    line = HOLM.examples[1].reply
    assert not (await judge(draft(line, system_prompt=f"You say things like: {line}"))).stopped_early


async def test_an_own_question_is_not_answered_by_oneself(judge: Judge) -> None:
    history = said(("Bram Voss", "Good evening."), ("Ada Holm", "Did you lock the boat house?"))
    verdict = await judge(draft("Yes, I locked it an hour ago.", conversation_history=history, last_speaker="Ada Holm"))
    assert [v.rule for v in verdict.violations] == ["answering_itself"]


async def test_who_is_asked_for_a_name_may_give_it(judge: Judge) -> None:
    history = said(("Bram Voss", "Who are you, and what's your name?"))
    verdict = await judge(draft("My name is Widow Marsh to the likes of you.", conversation_history=history))
    assert not verdict.stopped_early


async def test_only_the_last_fifty_lines_count(judge: Judge) -> None:
    old = said(("Ada Holm", "The gulls are loud over the north rocks tonight."))
    since = said(*((f"Guest {n}", f"Line number {n} about nothing at all.") for n in range(50)))
    verdict = await judge(draft(old[0].content, conversation_history=(*old, *since)))
    assert not verdict.stopped_early
