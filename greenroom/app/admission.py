"""Who may use which port."""

from fastapi import Request
from pydantic import SecretStr

from greenroom.config import Settings
from greenroom.journey import current_caller
from greenroom.ports import Costs, Keys, Maintenance
from greenroom.wire.access import open_to
from greenroom.wire.guard import admission, admit_everybody, is_loopback
from greenroom.wire.owners import Owners
from greenroom.wire.server import Admit


class Admissions:
    """Lets requests in by the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def owners(self) -> Owners:
        """Those who show the admin token; and those at this machine, where the settings let them."""
        return self._owners()

    def to(self, service: str, port: type) -> Admit:
        """To a port: the other services; to some only the owner; to a gateway that wants keys, nobody without."""
        token = self._settings.wire.service_token
        if port in {Keys, Maintenance}:
            return self.owner
        if service == "llm" and self._settings.llm.keys_required and not token.get_secret_value():
            strangers = Owners(self._settings.wire.admin_token, from_loopback=False)
            return open_to("owner")(lambda request: strangers.admit(request.scope))
        return admission(token)

    def at_root(self, port: type) -> Admit:
        """To a port whose paths outsiders know."""
        return self.costs if port is Costs else admit_everybody

    @open_to("owner")
    def owner(self, request: Request) -> None:
        """Let owners in, and other services. Raises: Unauthorized, Forbidden."""
        self._owners(self._settings.wire.service_token).admit(request.scope)

    @open_to("caller or owner")
    def costs(self, request: Request) -> None:
        """Let owners in, and those with a key: they see their own. Raises: Unauthorized, Forbidden."""
        if not current_caller():
            self.owner(request)

    def _owners(self, *more: SecretStr) -> Owners:
        from_loopback = self._settings.llm.manage_from_loopback and is_loopback(self._settings.host)
        return Owners(self._settings.wire.admin_token, *more, from_loopback=from_loopback)
