"""What a command shows to a Greenroom that runs."""

from greenroom.config import WireSettings


def shown_token(wire: WireSettings) -> WireSettings:
    """Settings with which the token that opens most is shown: the service token, or else the admin's."""
    token = wire.service_token if wire.service_token.get_secret_value() else wire.admin_token
    return wire.model_copy(update={"service_token": token})
