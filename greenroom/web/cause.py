"""Why a character spoke although nobody had asked it, in words for people."""

from greenroom.model import Cause

_KINDS = {
    "answer": "to answer a line that was said to nobody in particular",
    "follow_up": "to fall in on what another character said",
    "starter": "to begin a conversation",
}


def why_it_spoke(cause: Cause) -> dict[str, str]:
    """What the receipt shows of it, by label; what is not known is empty."""
    likeliest = sorted(cause.chances.items(), key=lambda pair: -pair[1])
    chances = [f"{name} {chance:.0%}" for name, chance in likeliest]
    if cause.chances and cause.kind != "starter":
        chances.append(f"nobody {cause.silence:.0%}")
    return {
        "Spoke unasked": _KINDS[cause.kind] + (f" about {cause.topic}" if cause.topic else ""),
        "What counted": "; ".join(cause.reasons),
        "Chances": ", ".join(chances),
        "Mood": f"{cause.mood}, after {cause.delay_s:.1f} s" if cause.mood else "",
        "Weights": cause.weights,
    }
