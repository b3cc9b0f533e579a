"""How long the No-Go list takes to find a voice, and whether it finds all: the search is exact or worth nothing.

The voiceprints are made up. Those of `voices` lie as an encoder's do: all in one corner of the space, along few
directions. Those of `scattered` lie anywhere, which no encoder's do and is the worst for a search that leaves out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.policies import NOGO_VOICE
from moderation.voiceprints import VoiceprintIndex, brute_force

WIDTH = 256
QUERIES = 20
PLANTED = 3  # voiceprints close to each query, on either side of the threshold and on it


def run(*, tell: Callable[[str], Any], voiceprints: int = 1_000_000) -> dict[str, Any]:
    """Return the search's and faiss's CPU time per query (ms, of all threads), and whether the search found all."""
    result: dict[str, Any] = {"benchmark": "nogo", "voiceprints": voiceprints, "threshold": NOGO_VOICE, "exact": True}
    for kind in ("voices", "scattered"):
        tell(f"making {voiceprints:,} voiceprints: {kind}")
        measured = _measure(kind, voiceprints, tell)
        result["exact"] &= measured.pop("exact")
        if kind == "voices":
            result |= measured
        else:
            result["scattered_cpu_ms_per_query"] = measured["cpu_ms_per_query"]
    return result


def _measure(kind: str, count: int, tell: Callable[[str], Any]) -> dict[str, Any]:
    random = np.random.default_rng(1)
    vectors = _made_up(kind, count, random)
    queries = _plant(vectors, random)
    begun = time.process_time()
    index = VoiceprintIndex(vectors)
    built = time.process_time() - begun
    index.search(queries[0], least=NOGO_VOICE)
    begun = time.process_time()
    found = [index.search(query, least=NOGO_VOICE) for query in queries]
    ours = (time.process_time() - begun) * 1000 / len(queries)
    tell(f"{ours:.1f} ms CPU a query; now comparing with every voiceprint in full")
    truth = [brute_force(vectors, query, least=NOGO_VOICE) for query in queries]
    return {
        "exact": found == truth and all(truth),
        "cpu_ms_per_query": round(ours, 2),
        "build_cpu_s": round(built, 1),
        "memory_mb": round(index.bytes / 1e6),
        "hits": sum(map(len, truth)),
        **(_faiss(vectors, queries) if kind == "voices" else {}),
    }


def _faiss(vectors: NDArray[np.float32], queries: NDArray[np.float32]) -> dict[str, Any]:
    try:
        import faiss
    except ImportError:
        return {"faiss_ms_per_query": None, "faiss_reason": "faiss-cpu is not installed"}
    flat = faiss.IndexFlatIP(WIDTH)
    flat.add(vectors)
    flat.range_search(queries[:1], NOGO_VOICE)
    begun = time.process_time()
    for query in queries:
        flat.range_search(query[None], NOGO_VOICE)
    return {"faiss_ms_per_query": round((time.process_time() - begun) * 1000 / len(queries), 2)}


def _made_up(kind: str, count: int, random: np.random.Generator) -> NDArray[np.float32]:
    directions = (
        random.standard_normal((64, WIDTH), dtype=np.float32) * (0.97 ** np.arange(64, dtype=np.float32))[:, None]
    )
    vectors = np.empty((count, WIDTH), dtype=np.float32)
    for start in range(0, count, 50_000):
        rows = min(50_000, count - start)
        if kind == "voices":
            some = random.standard_normal((rows, 64), dtype=np.float32) @ directions
            some = np.maximum(0, some + 0.3 * random.standard_normal((rows, WIDTH), dtype=np.float32))
        else:
            some = random.standard_normal((rows, WIDTH), dtype=np.float32)
        vectors[start : start + rows] = some / np.linalg.norm(some, axis=1, keepdims=True)
    return vectors


def _plant(vectors: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Return queries, and put voiceprints into the list that lie close above and below the threshold of each."""
    queries = _made_up("scattered", QUERIES, random)
    queries = queries * 0.2 + vectors[random.choice(len(vectors), QUERIES, replace=False)]
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    places = random.choice(len(vectors), (QUERIES, PLANTED), replace=False)
    for query, rows in zip(queries, places, strict=True):
        for row, cosine in zip(rows, (0.95, NOGO_VOICE + 1e-4, NOGO_VOICE - 1e-4), strict=True):
            across = vectors[row] - (vectors[row] @ query) * query
            across /= np.linalg.norm(across)
            vectors[row] = cosine * query + np.sqrt(1 - cosine**2) * across
            vectors[row] /= np.linalg.norm(vectors[row])
    return queries.astype(np.float32)
