"""The names that leave the model open: `auto`, and further policies of the settings."""

from greenroom.config import LlmSettings, Policy
from greenroom.model import AUTO, ModelCard, RoleName

_PREFIX = f"{AUTO}/"


class Policies:
    """Knows which policy a request means, if it means one."""

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._by_name: dict[str, Policy] = {AUTO: settings.routing, **settings.routing.policies}

    @property
    def auto(self) -> Policy:
        """The one that needs no further name."""
        return self._settings.routing

    def named(self, model: str) -> Policy | None:
        """The policy of that name: `auto`, `auto/writing`. None for every other model."""
        name = _bare(model)
        return self._by_name.get(name.removeprefix(_PREFIX)) if name == AUTO or name.startswith(_PREFIX) else None

    def of(self, model: str, role: RoleName | None) -> Policy | None:
        """The policy that a request with this model and role means."""
        if model.strip():
            return self.named(model)
        if role is None or self._settings.understudy == "always":
            return None
        return self.named(getattr(self._settings, role).model)

    def card(self, model: str) -> ModelCard:
        """The policy of that name as a model that can be asked."""
        return ModelCard(name=_bare(model).removeprefix(_PREFIX), provider=AUTO)

    def cards(self) -> tuple[ModelCard, ...]:
        """All of them."""
        return tuple(map(self.card, self._by_name))


def _bare(model: str) -> str:
    return model.strip().casefold().removesuffix(":latest")
