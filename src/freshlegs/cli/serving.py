"""``serve``: the pages, on this machine; for others too once a password is set."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Final

import click

from freshlegs.cli.output import hint
from freshlegs.cli.session import Session
from freshlegs.problems import NothingDone, WrongRequest

HOST: Final = "127.0.0.1"
PORT: Final = 8765
NEEDED: Final = ("fastapi", "uvicorn", "jinja2", "argon2", "markdown_it", "python_multipart")
PASSWORD: Final = "FRESHLEGS_PASSWORD"  # noqa: S105 - the name of the variable
SHORTEST: Final = 8


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Where to listen; beyond this machine needs a password.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes any free one.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="A name by which others reach it.")
@click.option("--set-password", is_flag=True, help="Ask for the password that the pages need, and keep it hashed.")
@click.pass_obj
def serve(session: Session, host: str, port: int, names: tuple[str, ...], set_password: bool) -> None:
    """Serve the pages: today, check-in, why and the rest, in a browser on this machine.

    Beyond this machine (--host) a password is needed: --set-password, or FRESHLEGS_PASSWORD.
    """
    if set_password:
        _need_packages()
        session.diary().close()
        _keep_password(session.home, click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
        hint("The password is set. freshlegs serve asks for it from now on.")
        return
    serve_home(session.home, host, port, names)


def serve_home(home: Path, host: str = HOST, port: int = PORT, names: Collection[str] = ()) -> None:
    """Serve until Ctrl-C. NothingDone when the pages are not installed, or the port is taken."""
    _need_packages()
    import uvicorn

    from freshlegs.web import create_app
    from freshlegs.web.security import LOOPBACK

    password_hash = _password_hash(home)
    if not is_loopback(host) and password_hash is None:
        raise NothingDone(
            f"{host} is reached by others, and the pages need a password then: freshlegs serve --set-password"
        )
    any_address = not is_loopback(host)
    known = {*LOOPBACK, *names, *({socket.gethostname(), host} if any_address else ())}
    app = create_app(home, names=known, any_address=any_address, password_hash=password_hash)
    sock = listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    hint(f"Freshlegs is at http://{shown}:{sock.getsockname()[1]} (Ctrl-C ends it).")
    if any_address:
        hint("Others on the network can read what is sent; put a proxy with TLS in front of it, or use an SSH tunnel.")
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    try:
        uvicorn.Server(config).run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()


def _need_packages() -> None:
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise NothingDone("the pages need a few more packages; install them with: pip install 'freshlegs[web]'")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _password_hash(home: Path) -> str | None:
    """The hash of the password of the environment, else of the one that was set; None without any."""
    from freshlegs.diary.exporting import PASSWORD_FILE
    from freshlegs.web.login import hashed

    given = os.environ.get(PASSWORD)
    if given:
        return hashed(_long_enough(given))
    kept = home / PASSWORD_FILE
    return kept.read_text(encoding="ascii").strip() if kept.is_file() else None


def _keep_password(home: Path, password: str) -> None:
    from freshlegs.diary.exporting import PASSWORD_FILE
    from freshlegs.web.login import hashed

    place = home / PASSWORD_FILE
    place.unlink(missing_ok=True)
    text = hashed(_long_enough(password))
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")


def _long_enough(password: str) -> str:
    if len(password) < SHORTEST:
        raise WrongRequest(f"the password needs {SHORTEST} characters or more")
    return password


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; NothingDone in words when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, connections send at once; else the second half of each answer waits 40 ms for a sign of life.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        why = (error.strerror or str(error)).lower()
        another = "; take another port: freshlegs serve --port 8766"
        raise NothingDone(f"cannot listen on {host}:{port} ({why}){another}") from None
    return sock
