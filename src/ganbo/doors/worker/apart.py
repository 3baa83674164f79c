"""Heavy work in a process of its own: what it took is given back when it ends, and it ends with the worker."""

import ctypes
import multiprocessing
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

_PARENT_DIES = 1  # PR_SET_PDEATHSIG


def run(work: Callable[..., None], *args: Any) -> None:
    """`work` with arguments that can be pickled; what it raises is raised here.

    Raises concurrent.futures.process.BrokenProcessPool when the process was ended, as where memory runs out.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin) as pool:
        pool.submit(work, *args).result()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIES, signal.SIGTERM)
    import django

    django.setup()
