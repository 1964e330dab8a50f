"""What every part of the settings is made of, and the one that several share."""

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of the settings: frozen, and without names that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Backoff(Part):
    """How often and after which pauses a failing service is tried again."""

    attempts: int = Field(3, ge=1, le=100, description="Tries in all, the first one included.")
    base_s: float = Field(0.5, ge=0, description="Pause before the second try, in seconds.")
    factor: float = Field(1.5, ge=1, description="By how much each pause is longer than the one before.")
    max_s: float = Field(5.0, ge=0, description="The longest pause, in seconds.")
    jitter: bool = Field(False, description="Vary the pauses at random, so that many callers do not return at once.")

    def pause_s(self, failures: int, chance: float = 1.0) -> float:
        """Pause after so many failures. `chance` 0–1 is drawn by the caller; it counts only with jitter."""
        pause = min(self.max_s, self.base_s * self.factor ** min(failures - 1, 60))
        return pause * (0.5 + chance / 2) if self.jitter else pause
