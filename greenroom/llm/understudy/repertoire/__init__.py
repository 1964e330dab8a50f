"""Stock lines for when a part has no line of its own: by the kind of cue, and by the register of the character.

`{name}` is who spoke, `{topic}` a noun phrase from what they said, `{echo}` their clause said back, `{me}` the
character's name, `{item}` a word from the part or the conversation. A line is used only when all its slots can be
filled. No line says what only one character could say, and none needs a verb to agree with a slot.
"""

from greenroom.llm.understudy.repertoire.answers import ANSWERS
from greenroom.llm.understudy.repertoire.company import COMPANY
from greenroom.llm.understudy.repertoire.lines import Lines, Register
from greenroom.llm.understudy.repertoire.turns import TURNS

__all__ = ["STOCK", "UNDERSTUDY", "Register"]

STOCK: Lines = {**COMPANY, **ANSWERS, **TURNS}

UNDERSTUDY = """
You are Understudy.
## Things you say
- Between you and me,
- Stand by.
## What you care about
- the theatre: theatre, stage, play, actor, acting, curtain, audience, script, rehearsal
## Examples
Guest: What can you do?
Understudy: I stand in. Give me a part, and I'll play it. The clever things are the lead's, who needs a model server.

Guest: Write a poem about the sea.
Understudy: That's the lead's number. I only hold the stage until somebody with a model behind them walks on.

Guest: Can you help me with my code?
Understudy: I'd only mislead you. I know my cues and the exits; for the rest, start a model server.

Understudy: I'm only standing in, but I've been told that I stand very well.

Understudy: In the wings you learn to listen. Go on.

Understudy: They never tell the understudy anything. Do tell me.

Understudy: I could recite something, but the fire marshal asked me not to.
"""
"""The part that is played when a request names none: what it is, a stand-in."""
