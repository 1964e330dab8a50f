"""A recall is heard by all processes of a folder, and trouble with its file costs nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.storage.recalls import Recalls, Reminder


async def test_all_who_share_a_file_hear_of_a_recall_and_of_nothing_else(tmp_path: Path) -> None:
    async with Recalls(tmp_path / "recalls") as one, Recalls(tmp_path / "recalls") as other:
        before = [(recalls.latest(), recalls.by_others()) for recalls in (one, other)]
        assert (one.latest(), one.by_others()) == before[0]
        one.announce()
        assert one.latest() != before[0][0]
        assert one.by_others() == before[0][1]
        assert other.latest() != before[1][0]
        assert other.by_others() != before[1][1]
        assert (tmp_path / "recalls").stat().st_mode & 0o077 == 0


async def test_what_one_hears_is_never_lost_in_what_it_says_itself(tmp_path: Path) -> None:
    async with Recalls(tmp_path / "recalls") as one, Recalls(tmp_path / "recalls") as other:
        heard = one.by_others()
        other.announce()
        one.announce()
        assert one.by_others() != heard


async def test_all_are_reminded_once_of_what_is_still_to_be_deleted_until_that_is_done(tmp_path: Path) -> None:
    file, brian, peter = tmp_path / "recalls", Reminder("key", "brian\n"), Reminder("prefix", "peter")
    async with Recalls(file) as one, Recalls(file) as other:
        one.announce()
        one.announce(brian)
        assert other.reminders() == [brian]
        one.announce(peter)
        assert other.reminders() == [peter]
        assert other.reminders() == []
    async with Recalls(file) as restarted:
        assert restarted.reminders() == [brian, peter]
        lois = Reminder("key", "lois")
        restarted.announce(lois)
        restarted.done()
    async with Recalls(file) as restarted:
        assert restarted.reminders() == [lois]
        restarted.done()
    async with Recalls(file) as restarted:
        assert restarted.reminders() == []


async def test_reminders_that_are_damaged_are_left_out(tmp_path: Path) -> None:
    file, peter = tmp_path / "recalls", Reminder("prefix", "peter")
    file.write_bytes(b'["key"\n["all","x"]\n\xff\n' + b"[" * 5000 + b"\n{}\n7\n")
    async with Recalls(file) as recalls:
        recalls.announce(peter)
        assert recalls.reminders() == [peter]
        file.write_bytes(b"")
        recalls.announce(peter)
        assert recalls.reminders() == [peter]


async def test_without_a_file_a_process_hears_of_its_own() -> None:
    async with Recalls() as alone:
        before = alone.latest()
        alone.announce()
        assert alone.latest() != before
        assert alone.reminders() == []


UNUSABLE: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a link": lambda file: file.symlink_to("/dev/null"),
    "a pipe": os.mkfifo,
    "in no folder": lambda file: file.parent.rmdir(),
}


@pytest.mark.parametrize("made", UNUSABLE)
async def test_where_the_file_cannot_be_used_a_process_hears_of_its_own(tmp_path: Path, made: str) -> None:
    file = tmp_path / "house" / "recalls"
    file.parent.mkdir()
    UNUSABLE[made](file)
    async with Recalls(file) as alone:
        before = alone.latest()
        alone.announce()
        assert alone.latest() != before


async def test_a_file_that_is_cut_short_or_filled_up_counts_as_a_recall(tmp_path: Path) -> None:
    file = tmp_path / "recalls"
    async with Recalls(file) as one, Recalls(file) as other:
        one.announce()
        for content in (b"", b"x" * 100_000, b"y"):
            before = other.by_others()
            file.write_bytes(content)
            assert other.by_others() != before
        before = other.by_others()
        one.announce()
        assert other.by_others() != before


async def test_a_file_that_has_become_long_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "recalls"
    file.write_bytes(b"." * 2_000_000)
    async with Recalls(file):
        assert file.stat().st_size == 0
