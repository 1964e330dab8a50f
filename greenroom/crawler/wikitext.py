"""The text of a wiki page, from the language that it is written in. Blocking: run it in a thread."""

import re
from typing import Any

_LEFT_OUT = frozenset(
    "gallery imagemap math ref references score script style table templatestyles timeline".split()  # noqa: SIM905
)
_FILES = ("file:", "image:", "category:", "datei:", "bild:", "kategorie:")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)?:")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BLANK = re.compile(r"(?<![ \t])[ \t]*\n(?:[ \t]*\n)+")
_MOST_FACTS = 60
_FACT_CHARS = 500


def text_of(wikitext: str) -> str:
    """What a page says: the facts of its infobox first, then its text with its headings (`== History ==`)."""
    import mwparserfromhell  # here, for few crawls read wikis

    code = mwparserfromhell.parse(_LINE_BREAK.sub("\n", wikitext))
    facts = [line for box in code.filter_templates(recursive=False) if _is_box(box) for line in _facts(box)]
    _leave_out(code)
    parts = [_section(part) for part in code.get_sections(flat=True, include_lead=True)]
    return _BLANK.sub("\n\n", "\n\n".join(filter(None, ["\n".join(facts[:_MOST_FACTS]), *parts]))).strip()


def _is_box(template: Any) -> bool:
    name = str(template.name).strip().casefold()
    return "infobox" in name or name.endswith(" box") or len(template.params) >= 4


def _facts(box: Any) -> list[str]:
    """The parameters of an infobox that have a name and a value: `Birthplace: Quahog`."""
    found = []
    for parameter in box.params:
        name = " ".join(str(parameter.name).replace("_", " ").split())
        value = parameter.value
        _leave_out(value)
        words = ", ".join(filter(None, (" ".join(line.split()) for line in _plain(value).splitlines())))
        if words and not name.isdigit() and not _is_picture(words):
            found.append(f"{name[:1].upper()}{name[1:]}: {words[:_FACT_CHARS]}.".replace("..", "."))
    return found


def _is_picture(words: str) -> bool:
    return re.search(r"\.(?:png|jpe?g|gif|svg|webp)\b", words, re.IGNORECASE) is not None


def _leave_out(code: Any) -> None:
    """Take out what is no text: footnotes, tables, pictures, categories, remarks."""
    for tag in code.filter_tags(recursive=True):
        if str(tag.tag).strip().casefold() in _LEFT_OUT:
            _remove(code, tag)
    for link in code.filter_wikilinks(recursive=True):
        title = str(link.title).strip()
        if title.casefold().startswith(_FILES) or _LANGUAGE.match(title):
            _remove(code, link)


def _remove(code: Any, node: Any) -> None:
    try:
        code.remove(node)
    except ValueError:
        return  # it went with the one that it stood in


def _section(part: Any) -> str:
    headings = part.filter_headings()
    heading = f"== {headings[0].title.strip_code().strip()} ==" if headings else ""
    for one in headings:
        _remove(part, one)
    text = _plain(part).strip()
    return "\n".join(filter(None, [heading, text])) if text else ""


def _plain(code: Any) -> str:
    return str(code.strip_code(normalize=True, collapse=True, keep_template_params=False))
