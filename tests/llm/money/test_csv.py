"""The table for spreadsheets is a table, and nothing in it is worked out."""

import csv
import io
from datetime import date

import pytest

from greenroom.llm.money.entry import Account, Figures
from greenroom.model import StatsRequest
from greenroom.storage.database import Database
from tests.llm.money.gateway import gateway


async def test_a_row_tells_tokens_and_money(database: Database) -> None:
    async with gateway(database) as house:
        ann = await house.key("ann")
        house.answers(3, 2)
        await house.ask(ann.id)
        (row,) = csv.DictReader(io.StringIO(await house.office.bookkeeper.as_csv(StatsRequest())))
    assert (row["day"], row["caller"], row["caller_name"]) == ("2026-01-01", ann.id, "ann")
    assert (row["model"], row["source"], row["requests"]) == ("scripted/model", "model", "1")
    assert (row["prompt_tokens"], row["completion_tokens"], row["cost_usd"]) == ("3", "2", "0.050000000")


async def test_a_price_that_nobody_knows_is_an_empty_cell(database: Database) -> None:
    async with gateway(database, prices={}) as house:
        for _ in range(2):
            await house.ask()
        hit, call = csv.DictReader(io.StringIO(await house.office.bookkeeper.as_csv(StatsRequest())))
    assert (call["calls"], call["unpriced"], call["cost_usd"], call["saved_usd"]) == ("1", "1", "", "0.000000000")
    assert (hit["source"], hit["unvalued"], hit["cost_usd"], hit["saved_usd"]) == ("memory", "1", "0.000000000", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")', "a,b\n=1"])
async def test_what_a_model_is_called_is_never_a_formula(database: Database, name: str) -> None:
    async with gateway(database) as house:
        house.office.books.at(Account(date(2026, 1, 1), "anyone", name)).add(Figures(requests=1))
        (row,) = csv.DictReader(io.StringIO(await house.office.bookkeeper.as_csv(StatsRequest())))
    assert row["model"][0] not in "=+-@\t\r"
