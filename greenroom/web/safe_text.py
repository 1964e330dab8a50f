"""Chat text as HTML: emphasis, lists, code and links; never HTML from a person or a model, never a picture."""

from markdown_it import MarkdownIt

_RULES = ("emphasis", "strikethrough", "backticks", "fence", "list", "blockquote", "newline", "escape", "link")
_SCHEMES = ("https://", "http://", "mailto:")


class _ChatText(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("zero", {"html": False, "breaks": True})
        self.enable(list(_RULES))

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return url.strip().casefold().startswith(_SCHEMES)


_CHAT_TEXT = _ChatText()


def as_html(text: str) -> str:
    """The text as HTML. Tags in it are shown as they were written, links lead to http, https or mailto alone.

    Pictures are left out because loading one would tell its server who reads the conversation.
    """
    return str(_CHAT_TEXT.render(text))
