"""How fast the library is: putting documents in, searching them, and starting again with them.

    python -m benchmarks.retrieval [--chunks 2000] [--minilm FOLDER [--drawn]] [--chroma]

`--minilm` names a data folder to which `greenroom models add minilm` has added the model; without it, hashing embeds.
10,000 texts take it some minutes, 100,000 an hour or a half; with `--drawn` their vectors are drawn at random, and only
what is looked for is embedded, and some texts, from which the time for all of them is reckoned. `--chroma` has
chromadb's embedded client do the same with the same vectors, in an environment of its own that is made for the run
(`uv` fetches about 370 MB), and prints the ratios. Embedding counts on both sides; chromadb searches vectors alone, the
library words as well.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import uvloop
from rich.console import Console
from rich.table import Table
from tokenizers import Tokenizer

from greenroom.clock import SYSTEM_CLOCK
from greenroom.config import KnowledgeSettings
from greenroom.llm.minilm.provider import MiniLM
from greenroom.llm.minilm.shelf import Shelf
from greenroom.llm.understudy.provider import Understudy
from greenroom.model import Document, Documents, Models, Nothing, Texts, Vectors
from greenroom.ports import Llm
from greenroom.retriever.library import LibraryService
from greenroom.retriever.narrowing import Narrowing
from greenroom.retriever.query import Bounds, Query
from greenroom.retriever.sayings import ROOM
from greenroom.retriever.search import Search
from greenroom.retriever.vectors import FaissIndex
from greenroom.storage.database import Database

VOCABULARY = 20_000
WORDS = 60
QUERIES = 200
AT_ONCE = 200
SIDE_BY_SIDE = 2
"""Pages that are put in at a time, as when two sources are crawled: while one is written, the other is embedded."""
SAMPLE = 256
CHROMADB = "chromadb==1.5.9"
AS_IN_A_TURN = Narrowing("brian", hearers=("peter",), world="den")


@dataclass
class Figures:
    """Seconds: to put everything in, of each search, from opening to the first search with vectors, and until it is
    known what all texts say, as far as there is room: then it is searched.

    `searching_cpu_s` and `restart_cpu_s` are the processors' time for it, which other work on the machine changes less.
    """

    added_s: float
    waits_s: list[float]
    restart_s: float = 0.0
    restart_cpu_s: float = 0.0
    read_s: float = 0.0
    searching_cpu_s: float = 0.0

    def p95_ms(self) -> float:
        """95 of 100 searches take at most so long."""
        return statistics.quantiles(self.waits_s, n=20)[-1] * 1000


class Embedder:
    """An `Llm` that embeds each text once, for both sides, and knows how long that took."""

    def __init__(self, llm: Llm, drawn: Collection[str]) -> None:
        self._llm, self._drawn = llm, frozenset(drawn)
        self._known: dict[str, tuple[float, ...]] = {}
        self._random = np.random.default_rng(3)
        self.spent_s: defaultdict[str, float] = defaultdict(float)

    async def embed(self, wanted: Texts, /) -> Vectors:
        """Embed, or draw, or remember."""
        fresh = tuple(text for text in wanted.texts if text not in self._known and text not in self._drawn)
        began, model = time.perf_counter(), wanted.model
        if fresh:
            made = await self._llm.embed(wanted.model_copy(update={"texts": fresh}))
            model = made.model
            self._known.update(zip(fresh, made.vectors, strict=True))
        each_s = (time.perf_counter() - began) / max(1, len(fresh))
        self.spent_s.update(dict.fromkeys(fresh, each_s))
        for text in (text for text in wanted.texts if text not in self._known):
            row = self._random.normal(size=384)
            self._known[text] = tuple((row / np.linalg.norm(row)).tolist())
        vectors = tuple(self._known[text] for text in wanted.texts)
        return Vectors(model=model or (await self.models(Nothing())).roles["embedding"], vectors=vectors)

    async def models(self, nothing: Nothing, /) -> Models:
        """The one that embeds."""
        name = (await self._llm.embed(Texts(texts=("name",)))).model
        return Models(models=(), providers=(), roles={"embedding": name})


def vocabulary(minilm: Path | None) -> list[str]:
    """Words that the model knows, or made-up ones, which it would read letter by letter."""
    if minilm:
        known = json.loads((minilm / "models" / "minilm" / "tokenizer.json").read_text())["model"]["vocab"]
        return [word for word in known if word.isascii() and word.isalpha() and len(word) > 2][:VOCABULARY]
    drawn = np.random.default_rng(1)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    return ["".join(drawn.choice(syllables, 3)) for _ in range(VOCABULARY)]


def texts(count: int, words: Sequence[str]) -> list[str]:
    """Texts of these words, as rare and as common as words are (Zipf)."""
    drawn = np.random.default_rng(1)
    weights = 1 / np.arange(1, len(words) + 1)
    picked = drawn.choice(len(words), (count, WORDS), p=weights / weights.sum())
    return [" ".join(words[number] for number in row) + "." for row in picked]


def questions(said: Sequence[str]) -> list[str]:
    """Some words of some texts."""
    drawn = np.random.default_rng(2)
    picked = drawn.choice(len(said), QUERIES)
    return [" ".join(drawn.choice(said[number].rstrip(".").split(), 8, replace=False)) for number in picked]


async def ours(llm: Embedder, said: Sequence[str], asked: Sequence[str], folder: Path) -> Figures:
    """Put all in, search, and open again."""
    settings = KnowledgeSettings(vector_s=60.0)
    async with Database(f"sqlite:///{folder / 'greenroom.db'}") as database:
        async with LibraryService(database, FaissIndex(), cast("Llm", llm), settings, SYSTEM_CLOCK) as library:
            began = time.perf_counter()
            for start in range(0, len(said), SIDE_BY_SIDE * AT_ONCE):
                starts = range(start, min(start + SIDE_BY_SIDE * AT_ONCE, len(said)), AT_ONCE)
                await asyncio.gather(*(library.put(_page(said, at)) for at in starts))
            figures = Figures(time.perf_counter() - began, [])
            await library.stats(Nothing())
        began, begun_cpu_s = time.perf_counter(), time.process_time()
        async with LibraryService(database, FaissIndex(), cast("Llm", llm), settings, SYSTEM_CLOCK) as library:
            while not all(c.ready for c in (await library.stats(Nothing())).collections):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            figures.restart_s, figures.restart_cpu_s = time.perf_counter() - began, time.process_time() - begun_cpu_s
            if len(said) <= ROOM:
                while len(library.sayings) < len(said):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                figures.read_s = time.perf_counter() - began
            search = Search(database, library, settings.vector_s)
            begun_cpu_s = time.process_time()
            for question in asked:
                began = time.perf_counter()
                await search.find(Query.of(question), ("bench",), AS_IN_A_TURN, Bounds(10, 0.0))
                figures.waits_s.append(time.perf_counter() - began)
            figures.searching_cpu_s = time.process_time() - begun_cpu_s
    return figures


def _page(said: Sequence[str], start: int) -> Documents:
    page = (Document(id=str(start + n), text=text) for n, text in enumerate(said[start : start + AT_ONCE]))
    return Documents(collection="bench", documents=tuple(page))


async def sampled(model: MiniLM, shelf: Shelf, said: Sequence[str]) -> None:
    """Embed some of the texts, and print how long all of them would take, and what the library for it takes alone."""
    began, some = time.perf_counter(), tuple(said[:SAMPLE])
    begun_cpu_s = time.process_time()
    await model.embed(Texts(texts=some, background=True))
    each_s, cpu_s = (time.perf_counter() - began) / len(some), (time.process_time() - begun_cpu_s) / len(some)
    print(f"{len(some)} texts: {1 / each_s:.0f} embedded a second, {cpu_s * 1000:.1f} ms of a processor each")
    print(f"all {len(said):,} would take {each_s * len(said) / 60:.0f} min beside putting them in")
    print(f"{alone_s(shelf, some) / (each_s * len(some)):.2f} of the rate of onnxruntime by itself")


def alone_s(shelf: Shelf, some: Sequence[str]) -> float:
    """Seconds that onnxruntime takes for these texts, 32 at a time, with nothing of ours around it: the limit."""
    session = onnxruntime.InferenceSession(shelf.graph, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(shelf.tokenizer))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    began = time.perf_counter()
    for start in range(0, len(some), 32):
        encoded = tokenizer.encode_batch(list(some[start : start + 32]))
        mask = np.array([each.attention_mask for each in encoded], np.int64)
        ids = np.array([each.ids for each in encoded], np.int64)
        session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)})
    return time.perf_counter() - began


async def chromadbs(llm: Embedder, said: Sequence[str], asked: Sequence[str], folder: Path) -> Figures:
    """The same by chromadb: our vectors, whose making counts on its side as well."""
    np.save(folder / "vectors.npy", await _embedded(llm, said))
    np.save(folder / "queries.npy", await _embedded(llm, asked))
    (folder / "texts.json").write_text(json.dumps(said))
    told = await asyncio.to_thread(_in_its_own_environment, folder)
    took = [llm.spent_s[text] + wait_s for text, wait_s in zip(asked, told["waits_s"], strict=True)]
    return Figures(sum(llm.spent_s[text] for text in said) + told["added_s"], took)


def _in_its_own_environment(folder: Path) -> dict[str, Any]:
    python = folder / "venv" / "bin" / "python"
    uv = shutil.which("uv") or "tools/uv"
    subprocess.run([uv, "venv", "--quiet", str(folder / "venv")], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), CHROMADB], check=True)
    script = Path(__file__).with_name("chroma_alone.py")
    done = subprocess.run([str(python), str(script), str(folder)], check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def _embedded(llm: Embedder, some: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    made = [await llm.embed(Texts(texts=tuple(some[at : at + 64]))) for at in range(0, len(some), 64)]
    return np.array([row for vectors in made for row in vectors.vectors], np.float32)


async def measure(chunks: int, minilm: Path | None, drawn: bool, with_chroma: bool) -> None:
    """Run it, and print the table."""
    said = texts(chunks, vocabulary(minilm))
    asked = questions(said)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shelf = Shelf((minilm or folder) / "models" / "minilm")
        async with MiniLM(shelf, SYSTEM_CLOCK) as model:
            llm = Embedder(cast("Llm", model if minilm else Understudy(SYSTEM_CLOCK)), said if drawn else ())
            if drawn:
                await sampled(model, shelf, said)
            rows = {"Greenroom": await ours(llm, said, asked, folder)}
            if with_chroma:
                rows["chromadb"] = await chromadbs(llm, said, asked, folder)
    embedder = ("MiniLM" if minilm else "hashing") + (" for queries, texts drawn" if drawn else "")
    table = Table(title=f"{chunks:,} chunks, {embedder}, load {os.getloadavg()[0]:.1f}")
    for heading in ("", "put in, a second", "search p50", "search p95", "CPU of one", "start", "CPU of it", "all read"):
        table.add_column(heading, justify="right")
    for who, figures in rows.items():
        p50 = statistics.median(figures.waits_s) * 1000
        starts = figures.restart_s, figures.restart_cpu_s, figures.read_s
        start, start_cpu, read = (f"{s:.1f} s" if s else "" for s in starts)
        cpu = f"{figures.searching_cpu_s / len(figures.waits_s) * 1000:.1f} ms" if figures.searching_cpu_s else ""
        put = f"{chunks / figures.added_s:.0f}"
        table.add_row(who, put, f"{p50:.1f} ms", f"{figures.p95_ms():.1f} ms", cpu, start, start_cpu, read)
    Console().print(table)
    if with_chroma:
        mine, theirs = rows["Greenroom"], rows["chromadb"]
        print(f"put in: {theirs.added_s / mine.added_s:.2f} times chromadb's rate")
        print(f"search p95: {mine.p95_ms() / theirs.p95_ms():.2f} of chromadb's")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=2000)
    parser.add_argument("--minilm", type=Path, help="a data folder with the model in it")
    parser.add_argument("--drawn", action="store_true", help="draw the vectors of texts, and embed queries alone")
    parser.add_argument("--chroma", action="store_true", help="measure chromadb beside it")
    given = parser.parse_args()
    if given.drawn and not given.minilm:
        parser.error("--drawn is for --minilm, whose vectors it draws")
    uvloop.run(measure(given.chunks, given.minilm, given.drawn, given.chroma))
