"""What the fake has: models that can be copied and deleted, and the files that they are made of."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from greenroom.testing.fake_ollama.reply import listed

_UNTIL = datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
_PULL = ("pulling manifest", "verifying sha256 digest", "writing manifest", "success")
_STEPS = {"pull": _PULL, "push": ("retrieving manifest", "pushing manifest", "success"), "create": ("success",)}


class Shelf:
    """The models, the newest first; `shown` and `in_memory` are what /api/show and /api/ps say of them.

    `blobs` has the size of each file by its digest; the files themselves are not kept.
    """

    def __init__(self, models: tuple[str, ...]) -> None:
        self.models = models
        self.shown: dict[str, Any] = {}
        self.in_memory: tuple[str, ...] = ()
        self.blobs: dict[str, int] = {}

    def name_of(self, given: object) -> str | None:
        """The model that a name means."""
        wanted = str(given).casefold()
        wanted = wanted if ":" in wanted else f"{wanted}:latest"
        return next((model for model in self.models if model.casefold() == wanted), None)

    def tags(self) -> dict[str, Any]:
        """The answer of /api/tags."""
        return {"models": [listed(name, age_days) for age_days, name in enumerate(self.models)]}

    def running(self) -> dict[str, Any]:
        """The answer of /api/ps."""
        entries = [listed(name, self.models.index(name)) for name in self.in_memory]
        until = _UNTIL.isoformat().replace("+00:00", "Z")
        memory = {"expires_at": until, "size_vram": 1_500_000_000, "context_length": 4096}
        without = ("modified_at", "capabilities")
        return {"models": [{k: v for k, v in entry.items() if k not in without} | memory for entry in entries]}

    def show(self, body: dict[str, Any]) -> web.Response:
        """Answer /api/show."""
        name = self.name_of(body.get("model"))
        if name is None:
            return error(404, f"model '{body.get('model')}' not found")
        entry = listed(name, self.models.index(name))
        family = entry["details"]["family"]
        about = {"general.architecture": family, f"{family}.context_length": 8192, f"{family}.embedding_length": 64}
        known = {key: entry[key] for key in ("details", "capabilities", "modified_at")}
        return web.json_response({"template": "{{ .Prompt }}", **known, "model_info": about, **self.shown})

    def copy(self, body: dict[str, Any]) -> web.Response:
        """Answer /api/copy."""
        if self.name_of(body.get("source")) is None:
            return error(404, f'model "{body.get("source")}" not found')
        self.add(body["destination"])
        return web.Response()

    def delete(self, body: dict[str, Any]) -> web.Response:
        """Answer /api/delete."""
        name = self.name_of(body.get("model") or body.get("name"))
        if name is None:
            return error(404, f"model '{body.get('model')}' not found")
        self.models = tuple(model for model in self.models if model != name)
        return web.Response()

    def add(self, name: str) -> None:
        """Have one more model."""
        named = name if ":" in name else f"{name}:latest"
        self.models = (named, *(model for model in self.models if model != named))

    def work(self, verb: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Pull, push or create a model; what is told meanwhile."""
        if verb != "push":
            self.add(body.get("model") or body["name"])
        return [{"status": step} for step in _STEPS[verb]]

    async def take(self, request: web.Request) -> web.Response:
        """Answer POST /api/blobs."""
        wanted, digest, size_bytes = request.match_info["digest"], hashlib.sha256(), 0
        if wanted in self.blobs:
            return web.Response()
        async for piece in request.content.iter_any():
            digest.update(piece)
            size_bytes += len(piece)
        found = f"sha256:{digest.hexdigest()}"
        if found != wanted:
            return error(400, f'digest mismatch, expected "{wanted}", got "{found}"')
        self.blobs[wanted] = size_bytes
        return web.Response(status=201)


def error(status: int, text: str, retry_after: str | None = None) -> web.Response:
    """An error as Ollama tells it."""
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return web.json_response({"error": text}, status=status, headers=headers)
