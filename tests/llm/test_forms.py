"""Forms are taken apart and put together anew, and what is odd about them does not get through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.errors import BadRequest
from greenroom.llm.forms import Field, Form

TYPE = "multipart/form-data; boundary=b"
MODEL = b'Content-Disposition: form-data; name="model"\r\n\r\nwhisper'
FILE = b'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n\r\n--\x00\xff'


def body(*parts: bytes) -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


async def written(form: Form) -> tuple[bytes, str]:
    """The bytes of a form, and their content type."""
    content, headers = b"".join([piece async for piece in form]), form.headers()
    assert headers["Content-Length"] == str(len(content))
    return content, headers["Content-Type"]


async def test_a_form_keeps_all_its_fields_and_gets_another_model() -> None:
    form = Form.read(body(FILE, MODEL), TYPE)
    assert (form.text("model"), form.text("language"), form.has_file("file")) == ("whisper", "", True)
    content, content_type = await written(form.with_text("model", "large"))
    changed = body(FILE, MODEL.replace(b"whisper", b"large"))
    assert content == changed.replace(b"--b", b"--" + _boundary(content_type))


ODD = st.text(st.characters(max_codepoint=255), max_size=20)


@given(name=ODD, filename=st.none() | ODD, value=st.binary(max_size=100))
@settings(max_examples=50, deadline=None)
async def test_what_is_put_together_is_taken_apart_as_the_same(name: str, filename: str | None, value: bytes) -> None:
    """However odd its names are, a field stays one field, and does not become another one."""
    odd = Form([Field(name, memoryview(value), filename, "audio/wav"), Field("model", memoryview(b"whisper"))])
    content, content_type = await written(odd)
    again, another_type = await written(Form.read(content, content_type))
    assert again.replace(_boundary(another_type), _boundary(content_type)) == content


def _boundary(content_type: str) -> bytes:
    return content_type.partition("=")[2].encode()


@pytest.mark.parametrize(
    ("content", "content_type", "said"),
    [
        (b"{}", "application/json", "multipart/form-data"),
        (body(MODEL), "multipart/form-data", "multipart/form-data"),
        (b"", TYPE, "does not begin"),
        (b"something before\r\n" + body(MODEL), TYPE, "does not begin"),
        (body(MODEL)[:-10], TYPE, "breaks off"),
        (b"--b\r\n" + MODEL, TYPE, "breaks off"),
        (b"--bx\r\n" + MODEL + b"\r\n--b--", TYPE, "breaks off"),
        (body(b"x" * 5_000 + b"\r\n\r\n"), TYPE, "breaks off"),
        (body(b"\r\n\r\nvalue"), TYPE, "has no name"),
        (body(MODEL.replace(b"name=", b"name*=utf-8''")), TYPE, "has no name"),
        (body(*[MODEL] * 101), TYPE, "more than 100"),
    ],
)
def test_what_is_no_whole_form_is_refused(content: bytes, content_type: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        Form.read(content, content_type)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([MODEL, MODEL], "stands twice"),
        ([FILE.replace(b"file", b"model", 1)], "must be a text"),
        ([MODEL + b"x" * 100_000], "must be a text"),
        ([MODEL + b"\xff"], "not UTF-8"),
    ],
)
def test_a_model_that_could_be_read_otherwise_is_refused(parts: list[bytes], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        Form.read(body(*parts), TYPE).text("model")


async def test_a_name_cannot_end_its_own_head() -> None:
    """A quote that was escaped does not become one that counts."""
    sly = FILE.replace(b'"a.wav"', b'"a\\"; name=\\"model"')
    content, content_type = await written(Form.read(body(sly), TYPE))
    assert b'filename="a%22; name=%22model"' in content
    assert Form.read(content, content_type).has_file("file")
