"""Ports over HTTP: from a port, `wire` makes the routes of a server and the verbs of a client."""

from greenroom.wire.client import Peer, client
from greenroom.wire.measured import measured
from greenroom.wire.server import serve_port

__all__ = ["Peer", "client", "measured", "serve_port"]
