"""Card files go in and out through the port; hostile ones are refused with what to do."""

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from greenroom.characters.card_files import MAX_CARD_BYTES, check_card, open_card
from greenroom.characters.png import MAX_CHUNKS, SIGNATURE, Chunk, written
from greenroom.errors import BadCard, Conflict, TooLarge
from greenroom.model import CardFile, CharacterRef, ExportRequest, Nothing, SheetChange, SheetOrCard
from greenroom.ports import Characters
from tests.characters.cards import FULL
from tests.characters.conftest import one_database
from tests.characters.pngs import END, HEADER, international_chunk, packed_chunk, png, text_chunk


def upload(content: bytes, *, replace: bool = False) -> CardFile:
    return CardFile(content_base64=base64.b64encode(content).decode(), filename="card", replace=replace)


def packed(card: dict[str, Any]) -> bytes:
    return base64.b64encode(json.dumps(card).encode())


async def exported(characters: Characters, name: str, **how: Any) -> bytes:
    file = await characters.export(ExportRequest(character=name, **how))
    return base64.b64decode(file.content_base64)


async def test_a_card_survives_import_and_export(characters: Characters) -> None:
    made = await characters.import_card(upload(json.dumps(FULL).encode()))

    assert (made.id, made.source, made.origin) == ("mira", "CREATOR", "database")
    assert json.loads(await exported(characters, "Mira of the Mill")) == FULL


async def test_a_change_of_an_imported_character_is_in_its_export_beside_all_the_rest(characters: Characters) -> None:
    made = await characters.import_card(upload(json.dumps(FULL).encode()))
    sheet = made.sheet.model_dump(mode="json") | {"personality": "Soft."}
    await characters.change(SheetChange.model_validate({"character": "mira", **sheet}))

    card = json.loads(await exported(characters, "mira"))
    assert card == {**FULL, "data": FULL["data"] | {"personality": "Soft."}}


@pytest.mark.parametrize("version", ["2", "3"])
@one_database
async def test_a_png_holds_both_versions_and_keeps_the_picture_it_came_with(
    characters: Characters, version: str
) -> None:
    other = text_chunk("parameters", b"a mill, night")
    picture = png(other, Chunk(b"acTL", b"\0" * 8))
    old = text_chunk("chara", packed({"spec": "chara_card_v2", "data": {"name": "Stale"}}))
    await characters.import_card(upload(png(old, other, Chunk(b"acTL", b"\0" * 8), text_chunk("ccv3", packed(FULL)))))

    out = await exported(characters, "mira", format="png", version=version)

    v2 = {**FULL, "spec": "chara_card_v2", "spec_version": "2.0"}
    cards = [text_chunk("chara", b""), text_chunk("ccv3", b"")]
    assert [out.count(chunk.content) for chunk in cards] == [1, 1]
    assert out.startswith(picture[: -len(written(END))])
    opened = open_card(upload(out))
    assert opened.card == FULL
    assert opened.picture == picture
    without_v3 = out[: out.index(b"tEXtccv3") - 4] + written(END)
    assert open_card(upload(without_v3)).card == v2


async def test_a_character_of_our_own_cast_can_be_exported_and_imported_under_another_name(
    characters: Characters,
) -> None:
    out = await exported(characters, "ada", format="png")
    with pytest.raises(Conflict):
        await characters.import_card(upload(out))

    card = open_card(upload(out)).card
    card["data"]["name"] = "Eda"
    card["data"]["extensions"]["greenroom"] |= {"full_name": "", "aliases": []}
    made = await characters.import_card(upload(json.dumps(card).encode()))
    ada = (await characters.get(CharacterRef(character="ada"))).sheet
    assert made.sheet == ada.model_copy(update={"name": "Eda", "full_name": "", "aliases": ()})


async def test_replace_overwrites_a_namesake_but_not_one_of_the_cast_folder(characters: Characters) -> None:
    await characters.import_card(upload(json.dumps(FULL).encode()))
    with pytest.raises(Conflict):
        await characters.import_card(upload(json.dumps(FULL).encode()))

    new = {"name": "MIRA", "first_mes": "New."}
    made = await characters.import_card(upload(json.dumps(new).encode(), replace=True))
    assert (made.id, made.name, made.sheet.greetings, made.sheet.lore) == ("mira", "MIRA", ("New.",), ())
    assert "create_date" not in json.loads(await exported(characters, "mira"))

    with pytest.raises(Conflict, match=r"ada\.toml"):
        await characters.import_card(upload(b'{"name": "Ada", "first_mes": ""}', replace=True))
    assert len((await characters.cast(Nothing())).characters) == 3


@pytest.mark.parametrize("card", [FULL, FULL["data"], {"name": "Mira", "first_mes": "Hi"}], ids=["whole", "data", "v1"])
async def test_a_card_may_be_posted_whole_or_its_data_alone(characters: Characters, card: dict[str, Any]) -> None:
    made = await characters.create(SheetOrCard(card))

    assert made.name == "Mira"
    data = json.loads(await exported(characters, "mira"))["data"]
    assert card.get("data", card).items() <= data.items()


@pytest.mark.parametrize(
    "chunk",
    [
        text_chunk("Chara", packed(FULL)),
        packed_chunk("chara", packed(FULL)),
        international_chunk("ccv3", packed(FULL), packed=True),
        international_chunk("ccv3", packed(FULL), packed=False),
    ],
)
def test_cards_are_found_in_every_kind_of_text_chunk(chunk: Chunk) -> None:
    assert open_card(upload(png(chunk))).card == FULL


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + b'{"name": "Al"}', b' {"name": "Al"}\n'])
def test_a_byte_order_mark_and_white_space_do_not_matter(content: bytes) -> None:
    assert open_card(upload(content)).card == {"name": "Al"}


BOMB = base64.b64encode(b" " * 4 * MAX_CARD_BYTES)
WIDE = Chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the card is not JSON"),
        (b"[1]", "not an object"),
        (b'{"name": "Al"', "the card is not JSON"),
        (b'{"a": NaN}', "holds NaN"),
        (b'{"a": 1e999}', "not finite"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the card is not JSON"),
        (b'{"name": "Al", "name": "Bo"}', "the field 'name' twice"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "nested more than 60"),
        (b'{"a":' * 61 + b"1" + b"}" * 61, "nested more than 60"),
        (b"\xff\xd8\xff\xe0 jpeg", "neither a PNG nor text"),
        (b"PK\x03\x04\xff", "neither a PNG nor text"),
        (SIGNATURE, "ends too early"),
        (png()[:-5], "ends too early"),
        (SIGNATURE + struct.pack(">I", 2**31) + b"IHDR", "ends too early"),
        (SIGNATURE + struct.pack(">I", 2**31) + b"IHDR" + bytes(20), "a chunk claims 2,147,483,648 bytes"),
        (png().replace(b"IDAT", b"IDAU"), "damaged"),
        (SIGNATURE + written(END), "its header is missing"),
        (png(), "no character card in this PNG"),
        (png(text_chunk("chara", b"!!!")), "the card in the PNG is not base64"),
        (png(text_chunk("chara", b"")), "no character card"),
        (png(Chunk(b"zTXt", b"chara\0\0garbage")), "cannot be unpacked"),
        (png(text_chunk("chara", base64.b64encode(b"[]"))), "not an object"),
    ],
    ids=str,
)
def test_a_hostile_or_broken_file_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadCard, match=said):
        open_card(upload(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" " * (MAX_CARD_BYTES + 1), "Shorten its lorebook"),
        (b" " * 16_100_000, "the file is larger than 16,000,000 bytes"),
        (png(packed_chunk("chara", BOMB)), "unpacks to more than"),
        (png(international_chunk("ccv3", BOMB, packed=True)), "unpacks to more than"),
        (png(text_chunk("ccv3", b"A" * 6_000_000)), "larger than 4,000,000 bytes"),
        (png(header=WIDE), "Make it smaller"),
        (SIGNATURE + written(HEADER) + written(Chunk(b"juNk", b"")) * (MAX_CHUNKS + 1) + written(END), "20,000 chunks"),
    ],
    ids=["json", "file", "zTXt", "iTXt", "tEXt", "pixels", "chunks"],
)
def test_what_is_too_large_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(TooLarge, match=said):
        open_card(upload(content))


def test_a_file_that_is_not_base64_is_refused() -> None:
    with pytest.raises(BadCard, match="the file is not base64"):
        open_card(CardFile(content_base64="{}"))


async def test_a_refused_file_leaves_no_character_behind(characters: Characters) -> None:
    with pytest.raises(BadCard):
        await characters.import_card(upload(png(text_chunk("chara", packed({"spec": "x", "data": {"name": ""}})))))
    assert len((await characters.cast(Nothing())).characters) == 2


def test_a_card_that_came_as_an_object_is_bounded_too() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(BadCard, match="nested"):
        check_card(deep)
    with pytest.raises(BadCard, match="not finite"):
        check_card({"a": float("nan")})
    with pytest.raises(TooLarge):
        check_card({"a": "x" * MAX_CARD_BYTES})


@pytest.mark.parametrize("name", ["Ada", "Zoë", "9Lives", "狐", "🦊"])
@one_database
async def test_a_character_without_a_picture_gets_a_plain_one(characters: Characters, name: str) -> None:
    if name != "Ada":
        await characters.create(SheetOrCard({"name": name, "colour": "#102030"}))

    out = await exported(characters, name, format="png")

    assert out == await exported(characters, name, format="png")
    picture = open_card(upload(out)).picture
    assert picture is not None
    width, height = struct.unpack_from(">II", picture, 16)
    start = picture.index(b"IDAT")
    (length,) = struct.unpack_from(">I", picture, start - 4)
    pixels = zlib.decompress(picture[start + 4 : start + 4 + length])
    assert len(pixels) == (width + 1) * height
    assert set(pixels) == {0, 1}
