"""The understudy: it stands in where no model server answers, and puts lines together by rules.

A line goes through these files in this order: `prompt_reading` (who said what), `part` (whom it plays), `cue` and
`kinds` (what was just said), `scene` (all of that together), `improvisation` (which finds a line, in `own_lines`,
`facts`, `answers` and `repertoire`), `provider` (which says it, as a model would). JSON is `schema_answers`' work.
"""

from greenroom.llm.understudy.provider import Understudy

__all__ = ["Understudy"]
