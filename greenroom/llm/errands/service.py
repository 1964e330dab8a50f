"""The port `Errands`, over any `Llm`."""

from greenroom.config import LlmSettings
from greenroom.llm.errands.asking import FormFilling
from greenroom.llm.errands.logs import LogReading
from greenroom.llm.errands.scripts import ScriptWriting
from greenroom.model import LogAnalysis, LogsToAnalyze, Script, ScriptWish
from greenroom.ports import Llm


class ModelErrands:
    """Small jobs, done by the model of the role `analysis`."""

    def __init__(self, llm: Llm, settings: LlmSettings) -> None:
        forms = FormFilling(llm, settings)
        self._logs, self._scripts = LogReading(forms), ScriptWriting(forms)

    async def analyze_logs(self, request: LogsToAnalyze, /) -> LogAnalysis:
        """Say what a log says."""
        return await self._logs.analyze(request)

    async def generate_script(self, wish: ScriptWish, /) -> Script:
        """Have a script written."""
        return await self._scripts.write(wish)
