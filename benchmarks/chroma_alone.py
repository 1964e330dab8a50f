"""What `benchmarks/retrieval.py` runs in an environment of chromadb's own: its embedded client on the same vectors.

    python chroma_alone.py FOLDER        FOLDER holds vectors.npy, queries.npy and texts.json

Prints seconds as JSON: to add, and of each query.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

AT_ONCE = 1000


def main(folder: Path) -> dict[str, Any]:
    """Add all, ask all."""
    import chromadb
    import numpy as np
    from chromadb.config import Settings

    vectors, queries = np.load(folder / "vectors.npy"), np.load(folder / "queries.npy")
    texts = json.loads((folder / "texts.json").read_text())
    settings = Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)
    made = client.create_collection("bench", embedding_function=None, metadata={"hnsw:space": "cosine"})
    began = time.perf_counter()
    for start in range(0, len(vectors), AT_ONCE):
        end = min(start + AT_ONCE, len(vectors))
        ids = [str(number) for number in range(start, end)]
        made.add(ids=ids, embeddings=vectors[start:end], documents=texts[start:end])
    added_s = time.perf_counter() - began
    waits = []
    for query in queries:
        began = time.perf_counter()
        made.query(query_embeddings=[query], n_results=10, include=["documents", "distances"])
        waits.append(time.perf_counter() - began)
    return {"added_s": added_s, "waits_s": waits}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
