"""Which model answers now."""

from greenroom.model import ModelCard, Models, ProviderHealth
from greenroom.web.header import voice_of

LLAMA = ModelCard(name="llama3:8b", provider="ollama")
UNDERSTUDY = ModelCard(name="understudy", provider="understudy", stand_in=True)
AWAY = ProviderHealth(provider="ollama", reachable=False, detail="connection refused")


def test_a_model_is_called_by_its_name() -> None:
    voice = voice_of(Models(models=(LLAMA, UNDERSTUDY), roles={"generation": "ollama/llama3:8b"}))
    assert (voice.kind, voice.title) == ("model", "ollama/llama3:8b")


def test_what_compares_texts_is_named_as_what_it_is() -> None:
    speaking = {"generation": "ollama/llama3:8b"}
    by_words = ModelCard(name="hash", provider="understudy", stand_in=True, capabilities=("embedding",))
    voice = voice_of(Models(models=(LLAMA, by_words), roles={**speaking, "embedding": "understudy/hash"}))
    assert "understudy/hash compares texts by their words; it is not a model." in voice.advice
    voice = voice_of(Models(models=(LLAMA,), roles={**speaking, "embedding": "minilm/all-minilm-l6-v2"}))
    assert "minilm/all-minilm-l6-v2 compares texts." in voice.advice


def test_the_understudy_says_what_is_missing() -> None:
    voice = voice_of(Models(models=(UNDERSTUDY,), providers=(AWAY,), roles={"generation": "understudy/understudy"}))
    assert voice.kind == "stand-in"
    assert "connection refused" in voice.advice


def test_nobody_answers_when_the_models_server_is_away() -> None:
    voice = voice_of(Models(models=(), providers=(AWAY,), roles={"generation": "ollama/llama3:8b"}))
    assert (voice.kind, voice.title) == ("nobody", "No model answers")


def test_nobody_answers_when_there_is_no_model() -> None:
    assert voice_of(Models(models=())).kind == "nobody"
