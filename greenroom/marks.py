"""Marks by which chat templates tell roles apart. Many model servers take them for such wherever they stand, so nobody
may write them into a prompt but the house: neither people, nor passages, nor names.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

MARKS = re.compile(
    r"<[|｜][^|｜<>]{0,40}[|｜]>"  # ChatML, Llama 3, Phi; DeepSeek's bars are wide
    r"|\[/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS?|TOOL_RESULTS?|TOOL_CONTENT|IMG|THINK)\]"  # Mistral
    r"|<</?SYS>>"  # Llama 2
    r"|</?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|think|tools?|tool_call|tool_response|function_calls?|invoke)>",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^([ \t]*)#+(?=[ \t]*(?:system|instructions?|assistant|user|human|input|output|response|prompt)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_LOOKS_LIKE = str.maketrans("<>[]", "‹›()")


def unmarked(text: str) -> str:
    """The text as people read it, in which nothing is such a mark: `<|im_start|>` becomes `‹|im_start|›`.

    A heading that names a role, as "### System:", becomes plain words. All else stays as it is.
    """
    return _HEADING.sub(r"\1", MARKS.sub(lambda mark: mark[0].translate(_LOOKS_LIKE), text))


def as_data(material: Mapping[str, Any]) -> str:
    """Material for a prompt as JSON: what a text says ends neither the field that it stands in nor the message."""
    return unmarked(json.dumps(material, ensure_ascii=False))
