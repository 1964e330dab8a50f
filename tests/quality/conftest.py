from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from greenroom.config import QualitySettings
from greenroom.model import AnalyzeRequest, Verdict
from greenroom.ports import Quality
from greenroom.quality.service import QualityService
from greenroom.storage.database import Database
from greenroom.testing import FixedCast
from tests.conftest import Reach
from tests.quality.cast import BRAM, HOLM, MACHINE
from tests.quality.house import quality

Judge = Callable[[AnalyzeRequest], Awaitable[Verdict]]


@pytest.fixture
def service(tmp_path: Path) -> QualityService:
    """A service that is asked for verdicts only, so that its database stays closed."""
    away = Database(f"sqlite:///{tmp_path / 'closed.db'}")
    return quality(away, FixedCast(HOLM, BRAM, MACHINE), QualitySettings(unfit_words=("marzipan",)))


@pytest.fixture
async def judge(reach: Reach, service: QualityService) -> Judge:
    """The verdict on a draft, by call and over HTTP."""
    port: Quality = await reach(Quality, service)
    return port.analyze
