"""As much of MediaWiki's API as a crawler asks for: lists of pages with their revisions, texts, rights."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from greenroom.testing.fake_wiki.pages import WikiPage

if TYPE_CHECKING:
    from greenroom.testing.fake_wiki import FakeWiki


def answer_api(wiki: "FakeWiki", request: web.Request) -> web.Response:
    """Answer one query."""
    asked = request.query
    if wiki.api_lag:
        wiki.api_lag -= 1
        return _json({"error": {"code": "maxlag", "info": "Waiting: 6 seconds lagged."}}, {"Retry-After": "0"})
    if asked.get("meta") == "siteinfo":
        rights = {"url": "https://creativecommons.org/licenses/by-sa/4.0/", "text": "CC BY-SA 4.0"}
        return _json({"query": {"general": {"sitename": "Pelican Wiki"}, "rightsinfo": rights}})
    if asked.get("generator") in {"allpages", "categorymembers"}:
        return _json(_listing(wiki, dict(asked)))
    titles = asked.get("titles", "").split("|")
    if not wiki.spoilt.isdisjoint(titles):
        return _json({"error": {"code": "internal_api_error", "info": "It cannot be read."}}, {"Retry-After": "0"})
    wiki.bodies.update(titles)
    return _json({"query": {"pages": [_content(wiki, title) for title in titles]}})


def _listing(wiki: "FakeWiki", asked: dict[str, str]) -> dict[str, Any]:
    category = asked.get("gcmtitle", "").partition(":")[2]
    pages = sorted(wiki.pages.values(), key=lambda page: page.title)
    pages = [page for page in pages if not category or category in page.categories]
    name = "gcmcontinue" if category else "gapcontinue"
    limit = int(asked.get("gcmlimit") or asked.get("gaplimit") or 10)
    begin = int(asked.get(name, "0"))
    part = pages[begin : begin + limit]
    answer: dict[str, Any] = {"query": {"pages": [_info(wiki, page) for page in part]}}
    if begin + limit < len(pages):
        answer["continue"] = {name: str(begin + limit), "continue": f"{name}||"}
    return answer


def _info(wiki: "FakeWiki", page: WikiPage) -> dict[str, Any]:
    return {"title": page.title, "fullurl": wiki.at(page.title), "lastrevid": page.number * 1000 + page.version}


def _content(wiki: "FakeWiki", title: str) -> dict[str, Any]:
    page = wiki.pages.get(title.replace(" ", "_"))
    if page is None:
        return {"title": title, "missing": True}
    revision = {"revid": page.number * 1000 + page.version, "slots": {"main": {"content": _wikitext(page)}}}
    aliases = [{"title": name.replace("_", " ")} for name, target in wiki.redirects.items() if target == title]
    categories = [{"title": f"Category:{name}"} for name in page.categories]
    return _info(wiki, page) | {"revisions": [revision], "redirects": aliases, "categories": categories}


def _wikitext(page: WikiPage) -> str:
    box = f"{{{{Infobox thing\n| name = {page.title}\n| island = [[Pelican Rock]]\n| number = {page.number}\n}}}}\n"
    lead, rest = " ".join(page.sentences[:3]), " ".join(page.sentences[3:])
    return f"{box}'''{page.title}''': {lead}<ref>Heard in the inn.</ref>\n\n== More ==\n{rest}\n[[Category:Things]]\n"


def _json(answer: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(answer, headers=headers)
