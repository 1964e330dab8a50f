"""Figures as people read them, and the few pieces that cards are made of."""

from collections.abc import Mapping

from greenroom.web.look import box, text

_STEP = 1000.0


def size(size_bytes: float) -> str:
    """Bytes in a unit of three figures at most."""
    for unit in ("bytes", "kB", "MB"):
        if size_bytes < _STEP:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" or size_bytes >= 10 else f"{size_bytes:.1f} {unit}"
        size_bytes /= _STEP
    return f"{size_bytes:,.1f} GB"


def money(amount_usd: float | None) -> str:
    """US dollars; fractions of a cent are told where there is no more. What nobody knows is not nothing."""
    if amount_usd is None:
        return "unknown"
    if 0 < amount_usd < 0.01:
        return f"${amount_usd:.4f}" if amount_usd >= 0.0001 else "below $0.0001"
    return f"${amount_usd:,.2f}"


def percent(share: float | None) -> str:
    """A share of 0–1 in percent; a dash for none."""
    return "–" if share is None else f"{share:.0%}"


def count(number: int, noun: str) -> str:
    """A number of things: `1 answer`, `2,000 answers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def big(number: str, words: str) -> None:
    """The one figure of a card, and what it counts."""
    with box("g-big"):
        text(number, "g-big-number", testid="big-number")
        text(words, "g-dim")


def facts(pairs: Mapping[str, str], marked: str = "fact") -> None:
    """Labels with their facts; those without one are left out. `marked` begins the test ids: `fact-drafts-per-turn`."""
    with box("g-facts", "dl"):
        for label, fact in pairs.items():
            if fact:
                text(label, tag="dt")
                text(fact, tag="dd", testid=f"{marked}-{label.casefold().replace(' ', '-')}")


def bar(share: float) -> None:
    """A bar that is filled to a share of 0–1."""
    with box("g-bar"):
        box("g-bar-fill").style(f"width: {min(1.0, max(0.0, share)):.1%}")


def state(name: str, is_well: bool, words: str, detail: str = "", testid: str = "") -> None:
    """One thing that is well or not, and what to do when it is not."""
    with box(f"g-service {'g-healthy' if is_well else 'g-degraded'}", testid=testid):
        with box("g-attempt-head"):
            text(name, "g-strong", "span")
            text(words, "g-status", "span")
        if detail:
            text(detail, "g-problem")
