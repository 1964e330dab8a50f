"""Who waits for a model."""

from greenroom.model import Nothing
from greenroom.ports import Router
from greenroom.web.card import Card
from greenroom.web.look import text


def line_card(router: Router) -> None:
    """How long the lines before the model servers are, as the gateway's health tells it."""

    async def ask() -> tuple[bool, str]:
        services = (await router.services_health(Nothing())).services
        queue = services["llm"].dependencies.get("queue") if "llm" in services else None
        return (queue is None or queue.status == "healthy", queue.detail if queue else "")

    Card("In line", "card-line", ask, _draw)


def _draw(queue: tuple[bool, str]) -> None:
    is_well, detail = queue
    text(detail or "Nobody waits for a model.", "" if is_well else "g-problem")
