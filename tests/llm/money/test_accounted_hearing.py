"""Sound is booked like other requests, and keys hold for it too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from greenroom.config import CompatibleServer, LlmSettings, Price
from greenroom.errors import BudgetSpent, Forbidden, GreenroomError, TooOften, UnknownModel, UpstreamFailed
from greenroom.journey import called_by
from greenroom.llm.compatible import Compatible
from greenroom.llm.forms import Form
from greenroom.llm.money.office import Office
from greenroom.llm.service import LlmService
from greenroom.model import KeyOrder, Spent, StatsRequest
from greenroom.storage.database import Database
from greenroom.testing import FakeOllama, Reply
from greenroom.wire.owners import Owners
from tests.llm.money.gateway import StillClock

FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n'
MODEL = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n%s\r\n--b--\r\n'


class House:
    """The books around a server far away that hears."""

    def __init__(self, office: Office, service: LlmService) -> None:
        self._office, self._hearing = office, office.hearing(service)

    async def key(self, **fields: Any) -> str:
        return (await self._office.key_keeper.make(KeyOrder(name="ann", **fields))).key.id

    async def hears(self, caller: str = "", model: bytes = b"cloud/whisper") -> bytes:
        form = Form.read(FILE + MODEL % model, "multipart/form-data; boundary=b")
        with called_by(caller):
            async with self._hearing.transcribing(form) as answer:
                return await answer.whole()

    async def spent(self) -> Spent:
        return (await self._office.bookkeeper.stats(StatsRequest())).total


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of database is enough: the books are tested elsewhere."""
    return f"sqlite:///{tmp_path / 'greenroom.db'}"


@pytest.fixture
async def fake() -> AsyncIterator[FakeOllama]:
    async with FakeOllama(models=("whisper:latest",)) as fake:
        yield fake


@asynccontextmanager
async def house(database: Database, fake: FakeOllama, price: Price | None = None) -> AsyncIterator[House]:
    server, clock = CompatibleServer(base_url=f"{fake.url}/v1"), StillClock()
    settings = LlmSettings(ollama_url="", prices={"cloud/*": price} if price else {})
    office = Office(settings, database, Owners(SecretStr(""), from_loopback=False), clock)
    service = LlmService(settings, {"cloud": Compatible("cloud", server, settings)}, clock)
    async with office, service:
        yield House(office, service)


async def test_a_price_that_nobody_knows_is_not_nothing(database: Database, fake: FakeOllama) -> None:
    async with house(database, fake) as house_:
        assert await house_.hears() == b'{"text":"Something was said."}'
        spent = await house_.spent()
    assert (spent.requests, spent.failed, spent.calls, spent.unpriced) == (1, 0, 1, 1)


async def test_what_fails_is_booked_as_a_request_that_no_model_worked_for(database: Database, fake: FakeOllama) -> None:
    fake.enqueue(Reply(status=500, error="out of memory"))
    async with house(database, fake) as house_:
        for model, kind in ((b"cloud/whisper", UpstreamFailed), (b"nope", UnknownModel)):
            with pytest.raises(kind):
                await house_.hears(model=model)
        spent = await house_.spent()
    assert (spent.requests, spent.failed, spent.calls) == (2, 2, 0)


@pytest.mark.parametrize(
    ("limits", "kind"),
    [({"models": ("ollama/*",)}, Forbidden), ({"budget_usd": 5}, BudgetSpent)],
)
async def test_a_key_that_may_not_hears_nothing(
    database: Database, fake: FakeOllama, limits: dict[str, Any], kind: type[GreenroomError]
) -> None:
    async with house(database, fake) as house_:
        key = await house_.key(**limits)
        for model in (b"cloud/whisper", b"whisper"):
            with pytest.raises(kind):
                await house_.hears(key, model)
    assert not fake.requests


async def test_a_key_with_a_budget_may_have_what_is_free(database: Database, fake: FakeOllama) -> None:
    async with house(database, fake, Price(input=0, output=0)) as house_:
        assert await house_.hears(await house_.key(budget_usd=5))


async def test_requests_in_a_minute_are_counted(database: Database, fake: FakeOllama) -> None:
    async with house(database, fake) as house_:
        key = await house_.key(requests_per_minute=1)
        await house_.hears(key)
        with pytest.raises(TooOften):
            await house_.hears(key)
