"""Another process of ours, to use another core: this same Python, started anew with a pipe in and a pipe out.

No fork (Polars has threads), and no import of the caller's main module: so it is the same on every system, under
``python -c``, in a notebook and inside a test. It dies with its pipe: when we end, however, it is not left.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Final, NoReturn

BROKEN: Final = (OSError, EOFError, pickle.UnpicklingError, ValueError)
"""What talking to a process raises that has ended."""

READY: Final = "ready"

_PIPE_B: Final = 1 << 20
_SERVE: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from importlib import import_module as load;"
    "getattr(load(sys.argv[2]), sys.argv[3])()"
)
_ALONE: Final = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def possible() -> bool:
    """Whether there is a Python to start: inside a frozen program there is none."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Process:
    """A process that runs a function of ours (``serve`` in ``module``, which calls `answer`) until it ends or we do."""

    def __init__(self, module: str, serve: str = "serve") -> None:
        windows: dict[str, Any] = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        # Out of reach of the terminal's Ctrl-C: that is for us to hear, and it ends when we do.
        self._popen = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, "-c", _SERVE, json.dumps(sys.path), module, serve],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ALONE,
            pipesize=_PIPE_B if sys.platform == "linux" else -1,
            **(windows if sys.platform == "win32" else {"start_new_session": True}),
        )

    def ready(self) -> None:
        """Wait until it takes what is sent. Raises one of `BROKEN` when it has ended."""
        if self.receive() != READY:
            raise EOFError

    def send(self, value: object) -> None:
        """Give it something; waits while the pipe is full. Raises one of `BROKEN` when it has ended."""
        if self._popen.stdin is None:
            raise EOFError
        send(self._popen.stdin, value)

    def receive(self) -> Any:
        """What it gives, waited for. Raises one of `BROKEN` when it has ended."""
        if self._popen.stdout is None:
            raise EOFError
        return receive(self._popen.stdout)

    def kill(self) -> None:
        """Have it end; nobody waits for what it was at."""
        self._popen.kill()

    def end(self) -> None:
        """The same, and wait until it has."""
        self._popen.kill()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError, ValueError):
                    pipe.close()
        self._popen.wait()


def send(pipe: IO[bytes], value: object) -> None:
    """Write a value; large arrays go as they lie in memory."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    sizes = [len(data), *(len(one) for one in raw)]
    pipe.write(len(sizes).to_bytes(8, "little") + b"".join(size.to_bytes(8, "little") for size in sizes) + data)
    for one in raw:
        pipe.write(one)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read a value; EOFError at the end."""
    count = int.from_bytes(_read(pipe, 8), "little")
    head = _read(pipe, 8 * count)
    sizes = [int.from_bytes(head[at : at + 8], "little") for at in range(0, 8 * count, 8)]
    data, *buffers = [_read(pipe, size) for size in sizes]
    return pickle.loads(data, buffers=buffers)  # noqa: S301  from our own process


def _read(pipe: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        got = pipe.readinto(view[done:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        done += got
    return data


# --- inside the process -------------------------------------------------------------------------------------------


def answer(work: Callable[[Any], object], begin: Callable[[], None] | None = None, *, ahead: int = 1) -> NoReturn:
    """Answer what comes in, one after the other, until the pipe closes; then end at once, whatever is being done.

    ``begin`` is called first; so many things are taken in ``ahead``, so that neither side waits for a full pipe.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    into = os.fdopen(os.dup(0), "rb", buffering=0)
    out = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:  # whatever prints must not disturb the answers
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    waiting: queue.Queue[Any] = queue.Queue(maxsize=ahead)
    threading.Thread(target=_hear, args=(into, waiting), daemon=True).start()
    if begin is not None:
        begin()
    try:
        send(out, READY)
        while True:
            send(out, work(waiting.get()))
    except OSError:  # nobody listens any more
        os._exit(0)


def _hear(into: IO[bytes], waiting: queue.Queue[Any]) -> None:
    try:
        while True:
            waiting.put(receive(into))
    except BROKEN:
        os._exit(0)
