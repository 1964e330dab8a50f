"""The books as a table for spreadsheets, at `GET /api/stats.csv`. The figures as JSON are a port's."""

from collections.abc import Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from greenroom.errors import GreenroomError
from greenroom.llm.money.bookkeeper import Bookkeeper
from greenroom.model import StatsRequest
from greenroom.wire.access import open_to
from greenroom.wire.dialects import error_response
from greenroom.wire.problem import invalid_input


def stats_routes(bookkeeper: Bookkeeper, admit: Callable[[Request], None]) -> list[BaseRoute]:
    """The one route; to stand before any that take all paths below /api/."""

    @open_to("caller or owner")
    async def answer(request: Request) -> Response:
        try:
            admit(request)
            table = await bookkeeper.as_csv(_asked(request))
        except GreenroomError as exc:
            return error_response(request.scope, exc)
        headers = {"Content-Disposition": 'attachment; filename="greenroom-costs.csv"'}
        return Response(table, headers=headers, media_type="text/csv")

    return [Route("/api/stats.csv", answer, methods=["GET"], include_in_schema=False)]


def _asked(request: Request) -> StatsRequest:
    try:
        return StatsRequest.model_validate(dict(request.query_params))
    except ValidationError as exc:
        raise invalid_input(exc.errors(include_url=False)) from exc
