"""One prompt, one answer: what other programs of the house send and get, who want no stream."""

from pydantic import Field

from greenroom.model.completion import AnswerSource, Options
from greenroom.model.value import CharacterId, Key, Moment, NonBlank, Value


class PromptToAnswer(Value):
    """A prompt, and for whom it is answered.

    `settings` are options of sampling, over those of the role `generation`; `max_tokens` is another name of
    `num_predict`. `character_name` belongs to what makes two requests the same, `conversation_id` does not.
    `use_cache` false asks the model whatever is kept. `model` empty means the model of the role.
    """

    prompt: NonBlank
    character_name: CharacterId | None = Field(None, max_length=200)
    settings: Options = Options()
    conversation_id: Key | None = None
    use_cache: bool = True
    model: str = ""


class AnswerMetadata(Value):
    """How an answer was made.

    `tokens_generated` is None where the model's server does not count; of an answer that was kept it is what it took
    the first time. `prompt_hash` is the SHA-256 of the prompt in UTF-8, in hexadecimal figures. `source` says where the
    answer was found.
    """

    temperature: float
    tokens_generated: int | None
    prompt_hash: str
    source: AnswerSource | None = None


class WholeAnswer(Value):
    """An answer in one piece. `model` is the full name, `generation_time` seconds as they passed here."""

    response: str
    model: str
    generation_time: float
    cache_hit: bool
    metadata: AnswerMetadata


class ModelChoice(Value):
    """The model that is meant; empty means that of the role `generation`."""

    model: str = ""


class ModelFitness(Value):
    """Whether a model can be asked, and how promptly it has answered so far.

    `model_size` is as people read it, such as "4.7GB"; None where nobody tells. `performance_score` is 0–100, measured
    from the last hundred calls since the start (see `llm/promptness.py`), and None before the first. `detail` says what
    is wrong, or who stands in.
    """

    model_available: bool
    model_name: str
    model_size: str | None = None
    performance_score: float | None = Field(None, ge=0, le=100)
    last_validation: Moment
    detail: str = ""
