"""How well the rules of the world read, by scenes that we wrote: `python -m benchmarks.world_scenes`."""

from tests.world.scoring import FILES, score


def main() -> None:
    """Print precision and recall."""
    for name in FILES:
        for what, result in zip(("entities", "facts"), score(name), strict=True):
            print(f"{name} {what}: precision {result.precision:.2f} ({result.right}/{result.found}), ", end="")
            print(f"recall {result.recall:.2f} ({result.hit}/{result.wanted})")
            print("".join(f"    {mistake}\n" for mistake in result.mistakes), end="")


if __name__ == "__main__":
    main()
