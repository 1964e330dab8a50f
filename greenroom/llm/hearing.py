"""Who writes down what is spoken. Sound is not looked into here: it goes to the server that has the model."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from greenroom.llm.forms import Form
from greenroom.llm.upstream import Answer


@runtime_checkable
class Hears(Protocol):
    """A provider that can hear, or what is folded around several of them."""

    def transcribing(self, form: Form, /) -> AbstractAsyncContextManager[Answer]:
        """Ask the model that stands in the form, and read its answer inside; leaving ends its work.

        Source: the OpenAI API reference, POST /audio/transcriptions.
        """
        ...
