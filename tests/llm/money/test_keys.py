"""Keys are told once, kept as hashes, and known again; whatever else is shown is no key."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select

from greenroom.errors import Conflict, NotFound, TooOften, Unauthorized
from greenroom.llm.money.keys import KeyRing
from greenroom.llm.tables import keys
from greenroom.model import KeyOrder, KeyRef, NewKey, Nothing
from greenroom.ports import Keys
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.llm.caching import SURE
from tests.llm.money.gateway import StillClock, gateway


async def test_a_key_is_made_listed_and_revoked(database: Database, reach: Reach) -> None:
    async with gateway(database) as house:
        port = await reach(Keys, house.office.key_keeper)
        made = await port.make(KeyOrder(name="Anns laptop", budget_usd=5, requests_per_minute=60))
        assert re.fullmatch(r"gr-[0-9a-f]{12}-[\w-]{43}", made.secret)
        assert (await port.keys(Nothing())).keys == (made.key,)
        assert (made.key.budget_usd, made.key.spent_usd, made.key.period) == (5, 0, "month")
        assert (await port.revoke(KeyRef(id="Anns laptop"))).revoked_at
        with pytest.raises(NotFound, match="'nobody'"):
            await port.revoke(KeyRef(id="nobody"))
        with pytest.raises(Conflict, match="'Anns laptop'"):
            await port.make(KeyOrder(name="Anns laptop"))


async def test_only_a_hash_is_kept(database: Database) -> None:
    async with gateway(database) as house, database.read() as connection:
        made = await house.office.key_keeper.make(KeyOrder(name="ann"))
        kept = str((await connection.execute(select(keys))).all())
    assert made.key.id in kept
    assert made.secret not in kept
    assert made.secret.split("-", 2)[2] not in kept


async def test_another_process_learns_of_keys_and_of_their_end(database: Database) -> None:
    async with gateway(database) as house, gateway(database) as other:
        made = await house.office.key_keeper.make(KeyOrder(name="ann"))
        await other.office.ring.look()
        assert other.office.ring.known(made.secret)
        await house.office.key_keeper.revoke(KeyRef(id="ann"))
        with pytest.raises(Unauthorized, match="'ann' was revoked"):
            house.office.ring.known(made.secret)
        await other.office.ring.look()
        with pytest.raises(Unauthorized):
            other.office.ring.known(made.secret)


async def test_keys_survive_a_restart(database: Database) -> None:
    async with gateway(database) as house:
        made = await house.office.key_keeper.make(KeyOrder(name="ann", models=("ollama/*",), shares_cache=True))
    async with gateway(database) as house:
        held = house.office.ring.known(made.secret)
        assert held is not None
        assert held.key == made.key


@pytest.fixture
async def made_by(database: Database) -> tuple[KeyRing, NewKey]:
    async with gateway(database) as house:
        return house.office.ring, await house.office.key_keeper.make(KeyOrder(name="ann"))


async def test_nothing_but_the_whole_key_is_the_key(made_by: tuple[KeyRing, NewKey]) -> None:
    ring, made = made_by
    assert ring.known(made.secret)
    other = made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B")
    near = [other, made.secret[:-1], made.secret + "x", made.secret + "\n", made.secret.upper(), "gr-" + made.key.id]
    wild = ["' OR 1=1--", "gr-' OR 1=1--", "x" * 1_000_000, made.secret * 10_000, "", "\0", "gr-\udcff", "é" * 60]
    assert [ring.known(shown) for shown in near + wild] == [None] * len(near + wild)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=st.text())
def test_no_text_at_all_is_a_key(shown: str) -> None:
    assert KeyRing(Database("sqlite:///never-opened.db"), StillClock()).known(shown) is None


@pytest.mark.parametrize("name", ["", " ", "=1+1", "a\nb", "<b>", "x" * 101])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(ValidationError):
        KeyOrder(name=name)


# Limits ---------------------------------------------------------------------------------------------------------------


async def test_requests_over_the_limit_are_told_when_to_come_again(database: Database) -> None:
    clock = StillClock()
    async with gateway(database, clock=clock) as house:
        ann = await house.key(requests_per_minute=2)
        await house.ask(ann.id)
        await house.ask(ann.id)
        with pytest.raises(TooOften, match="'ann' allows 2 requests a minute") as refused:
            await house.ask(ann.id)
        await house.ask("", "others are not meant")
        clock.advance(refused.value.extra["retry_after_s"])
        await house.ask(ann.id)


async def test_tokens_are_counted_as_they_were_used(database: Database) -> None:
    clock = StillClock()
    async with gateway(database, clock=clock) as house:
        ann = await house.key(tokens_per_minute=100)
        house.answers(10, 78)
        await house.ask(ann.id, "a", options=SURE)
        await house.ask(ann.id, "a", options=SURE)
        with pytest.raises(TooOften, match="100 tokens a minute"):
            await house.ask(ann.id, "b" * 20, options=SURE)
        clock.advance(62)
        await house.ask(ann.id, "b" * 20, options=SURE)


async def test_each_key_has_answers_of_its_own_unless_its_owner_lets_it_share(database: Database) -> None:
    async with gateway(database) as house:
        ann, bob = await house.key("ann"), await house.key("bob")
        cid, dan = await house.key("cid", shares_cache=True), await house.key("dan", shares_cache=True)
        sources = [(await house.ask(key.id if key else ""))[0].cache for key in (ann, bob, cid, dan, None, ann)]
    assert sources == ["miss", "miss", "miss", "memory", "memory", "memory"]
