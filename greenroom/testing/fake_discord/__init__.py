"""A server that speaks Discord's REST API and gateway over loopback, for several bots at once, and fails as it is told.

What people do in it is done by script, on its page, or over its control route.
"""

from greenroom.testing.fake_discord.faults import Fault
from greenroom.testing.fake_discord.interactions import Interaction
from greenroom.testing.fake_discord.rates import Rate
from greenroom.testing.fake_discord.rest import Call
from greenroom.testing.fake_discord.server import FakeDiscord
from greenroom.testing.fake_discord.things import Account, Channel, Message, Webhook

__all__ = ["Account", "Call", "Channel", "FakeDiscord", "Fault", "Interaction", "Message", "Rate", "Webhook"]
