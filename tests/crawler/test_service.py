from greenroom.crawler.service import CrawlerService
from greenroom.model import Document, Documents, Nothing, SemanticSearch
from greenroom.ports import Crawler
from tests.conftest import Reach
from tests.retriever.conftest import Open, knowing

__all__ = ["knowing"]


async def test_what_is_indexed_here_is_found_there(knowing: Open, reach: Reach) -> None:
    async with knowing() as known:
        crawler = await reach(Crawler, CrawlerService(known.library))
        mill = Document(id="1", title="Mill", text="The mill grinds barley.")
        order = Documents(collection="town", documents=(mill,))
        assert (await crawler.index_content(order)).added == 1
        assert [c.name for c in (await crawler.collection_stats(Nothing())).collections] == ["town"]
        found = await known.retriever.semantic_search(SemanticSearch(query="barley"))
        assert [passage.content for passage in found.results] == ["The mill grinds barley."]
