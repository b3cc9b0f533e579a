"""How long the machine takes over a sample, from its last byte to the verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

import numpy as np

from consent import measuring
from consent.models import Attempt
from consent.policies import passed
from velluto.audio import intake
from velluto.audio.signal import Audio

LENGTH = 60.0  # seconds of the sample
ROUNDS = 20


def timed(samples: Sequence[Audio], encode: Callable[[Audio], bytes], *, rounds: int = ROUNDS) -> dict[str, object]:
    """Return p50 and p95 in seconds of the clock (`p50_s`, `p95_s`) and of the processor, and the load meanwhile.

    The samples are encoded first; what counts is opening the file, as at the door, and every check of the step. What is
    not in it: a free worker takes a job up after 0.2 s or so.
    """
    files = [encode(sample) for sample in samples]
    if not files:
        return {"p50_s": None, "p95_s": None}
    _verdict(files[0])  # the engines are loaded once a worker
    clock, processor, good = [], [], 0
    for file in islice(cycle(files), rounds):
        begun, spent = time.perf_counter(), time.process_time() + _children()
        good += _verdict(file)
        clock.append(time.perf_counter() - begun)
        processor.append(time.process_time() + _children() - spent)
    return {
        "p50_s": round(float(np.quantile(clock, 0.5)), 2),
        "p95_s": round(float(np.quantile(clock, 0.95)), 2),
        "p50_cpu_s": round(float(np.quantile(processor, 0.5)), 2),
        "p95_cpu_s": round(float(np.quantile(processor, 0.95)), 2),
        "verdicts": len(clock),
        "verdicts_good": good,
        "load": round(os.getloadavg()[0], 1),
    }


def _verdict(file: bytes) -> bool:
    def none(*_: object) -> object:
        raise AssertionError("a sample is the first step: nothing came before it")

    result = measuring.check(
        Attempt.Step.SAMPLE,
        intake.decode(file),
        words=none,  # type: ignore[arg-type]
        enrolled=none,  # type: ignore[arg-type]
        earlier=none,  # type: ignore[arg-type]
        tell=lambda *_: None,
    )
    return passed(Attempt.Step.SAMPLE, result.findings)


def _children() -> float:
    """Return the processor time of processes that ended: the decoder is one."""
    spent = os.times()
    return spent.children_user + spent.children_system
