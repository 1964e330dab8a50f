"""Hard rules: what ends the check at once, the cheapest first. Each rule looks for one violation."""

from collections.abc import Callable, Iterator

from greenroom.model import LineCheck, Violation
from greenroom.quality import contradiction, form, identity, leaks, others, repetition
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile
from greenroom.quality.unfit import Unfit

Rule = Callable[[Draft, Profile], Violation | None]

RULES: tuple[Rule, ...] = (
    form.empty,
    leaks.template,
    identity.breaking_character,
    others.speaking_for_others,
    identity.answering_itself,
    identity.mistaken_identity,
    form.looping,
    form.structured,
    form.foreign_script,
    repetition.repeated,
    repetition.echo,
    leaks.prompt,
    contradiction.contradiction,
)


def critical(draft: Draft, profile: Profile, unfit: Unfit) -> Violation | None:
    """The first hard rule that the draft breaks."""
    found = (rule(draft, profile) for rule in RULES)
    return next(filter(None, found), None) or unfit.toxicity(draft)


def of_the_sheet(check: LineCheck) -> Iterator[Violation]:
    """What the sheet itself forbids. A few words too many can pass; a forbidden phrase cannot."""
    for broken in check.violations:
        rule, known, detail = (part.strip() for part in broken.partition(":"))
        brief = rule == "too_long"
        yield Violation(
            rule=rule if known else "against_the_sheet",
            severity="minor" if brief else "critical",
            detail=detail or rule,
            advice="Be much briefer." if brief else f"Never write {detail or rule}.",
        )
