"""``serve``: the pages, on this machine."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import Final

import click

from freshlegs.cli.output import hint
from freshlegs.cli.session import Session
from freshlegs.problems import NothingDone

HOST: Final = "127.0.0.1"
PORT: Final = 8765
NEEDED: Final = ("fastapi", "uvicorn", "jinja2", "argon2")


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Where to listen; beyond this machine needs a password.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes any free one.")
@click.pass_obj
def serve(session: Session, host: str, port: int) -> None:
    """Serve the pages: today, check-in, why and the rest, in the browser of this machine."""
    serve_home(session.home, host, port)


def serve_home(home: Path, host: str = HOST, port: int = PORT) -> None:
    """Serve until Ctrl-C. NothingDone when the pages are not installed or the port is taken."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise NothingDone("the pages need a few more packages; install them with: pip install 'freshlegs[web]'")
    import uvicorn

    from freshlegs.web import create_app

    app = create_app(home)
    sock = listening(host, port)
    port = sock.getsockname()[1]
    hint(f"Freshlegs is at http://{host}:{port} (Ctrl-C ends it).")
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    try:
        uvicorn.Server(config).run(sockets=[sock])
    finally:
        sock.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; NothingDone in words when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        why = (error.strerror or str(error)).lower()
        raise NothingDone(
            f"cannot listen on {host}:{port} ({why}); another port: freshlegs serve --port 8766"
        ) from None
    return sock
