"""Small jobs that a model does for the person who runs a machine."""

from typing import Protocol

from greenroom.at import at
from greenroom.model import LogAnalysis, LogsToAnalyze, Script, ScriptWish


class Errands(Protocol):
    """Small jobs for the person who runs a machine. Served at the root, beside what clients of Ollama know."""

    @at("POST /api/analyze-logs", repeatable=True)
    async def analyze_logs(self, request: LogsToAnalyze, /) -> LogAnalysis:
        """Say what a log says: read by a model where one answers, counted otherwise. Raises: UnknownModel."""
        ...

    @at("POST /api/generate-script", repeatable=True)
    async def generate_script(self, wish: ScriptWish, /) -> Script:
        """Write a script, which nobody runs. Raises: NoUpstream, without a language model; UpstreamFailed."""
        ...
