"""The make-believe Ollama, run by hand, is good enough to chat with the whole cast."""

from pathlib import Path

from greenroom.testing import FakeOllama
from greenroom.testing.fake_ollama.__main__ import SmallTalk
from tests.deployments import browser, one_process

SAID = (
    "The weather in Quahog is rather fine today",
    "Good evening!",
    "What do you think of Brian's novel?",
    "I do like a cold beer after work",
    "Tell me about your family",
    "The weather in Quahog is rather fine today",
)


async def test_every_character_can_be_chatted_with_on_the_make_believe_ollama(tmp_path: Path) -> None:
    async with (
        FakeOllama(answer=SmallTalk()) as ollama,
        one_process(tmp_path, llm__ollama_url=ollama.url) as addresses,
        browser() as http,
    ):
        for number, text in enumerate(SAID * 3):
            name = ("Peter", "Brian", "Stewie")[number % 3]
            request = {"character_name": name, "input_text": text, "channel_id": "den", "user_name": "Sam"}
            async with http.post(f"{addresses['router']}/orchestrate", json=request) as response:
                reply = await response.json()
            assert response.status == 200, reply
            assert reply["metadata"]["model"].startswith("ollama/")


def test_small_talk_takes_up_a_word_and_survives_strange_requests() -> None:
    talk = SmallTalk()
    said = [{"role": "user", "content": "Ann: Hello\nSam: I adore lighthouses"}]
    assert "lighthouses" in talk({"messages": said})
    assert "silence" in talk({})
    assert "class" in talk({"prompt": "{word} {0.__class__} 12"}), "what was said is never a template"
