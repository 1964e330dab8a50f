from greenroom.model import Document, Documents, Nothing
from greenroom.ports import Crawler
from greenroom.storage.database import Database
from tests.conftest import Reach
from tests.crawler.conftest import over


async def test_what_is_indexed_here_is_found_there(database: Database, reach: Reach) -> None:
    async with over(database) as here:
        crawler = await reach(Crawler, here.crawler)
        mill = Document(id="1", title="Mill", text="The mill grinds barley.")
        order = Documents(collection="rock", documents=(mill,))
        assert (await crawler.index_content(order)).added == 1
        assert [c.name for c in (await crawler.collection_stats(Nothing())).collections] == ["rock"]
        found = await here.find("barley")
        assert found is not None
        assert found.content == "The mill grinds barley."
