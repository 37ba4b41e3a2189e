"""The command line as a whole: its commands, its home, what becomes of errors."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Any

import click

import freshlegs as package
from freshlegs.cli.output import hint, open_streams
from freshlegs.cli.session import DONE, NOTHING, STOPPED, WRONG, Session
from freshlegs.problems import FreshlegsError, WrongRequest


class Commands(click.Group):
    """The group; it turns every error into one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are needed."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command suggested."""
        word = args[0] if args else ""
        if word and not word.startswith("-") and self.get_command(ctx, word) is None:
            from freshlegs.values import nearest

            # erase is never offered for a slip of the fingers
            close = nearest(word, [name for name in self.list_commands(ctx) if name != "erase"])
            more = f"; did you mean {close}?" if close else "."
            raise click.UsageError(f"there is no command {word!r}{more}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a closed pipe or Ctrl-C ends it without noise."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            is_import = ctx.invoked_subcommand in ("import", "demo", "sync", "watch")
            kept = "; what was imported is kept" if is_import else ""
            raise _StoppedError(f"stopped{kept}") from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise _PipeClosedError from None
            raise

    def main(self, args: Any = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run, then leave with the exit code."""
        extra["standalone_mode"] = False
        open_streams()
        sys.exit(self._guarded(args, prog_name or "freshlegs", extra))

    def _guarded(self, args: Any, prog_name: str, extra: dict[str, Any]) -> int:
        try:
            code = super().main(args=args, prog_name="freshlegs", **extra)
            sys.stdout.flush()
        except (_PipeClosedError, BrokenPipeError):
            return _close_pipe()
        except (_StoppedError, click.exceptions.Abort, KeyboardInterrupt) as stopped:
            hint(str(stopped) or "stopped")
            return STOPPED
        except click.exceptions.NoArgsIsHelpError as error:
            hint(error.format_message())
            return WRONG
        except click.UsageError as error:
            return _refuse(_usage(error), WRONG)
        except click.ClickException as error:
            return _refuse(error.format_message(), NOTHING)
        except WrongRequest as error:
            return _refuse(str(error), WRONG)
        except FreshlegsError as error:
            return _refuse(str(error), NOTHING)
        except OSError as error:
            if error.errno == errno.EPIPE:
                return _close_pipe()
            return _refuse(_machine(error), NOTHING)
        except MemoryError:
            return _refuse("there is not enough memory for this", NOTHING)
        except Exception as error:
            return _unforeseen(error)
        return code if isinstance(code, int) else DONE


class _StoppedError(Exception):
    pass


class _PipeClosedError(Exception):
    pass


def _close_pipe() -> int:
    """Whoever read our output has gone: say nothing, not even while Python closes the stream."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _refuse(sentence: str, code: int) -> int:
    hint(f"freshlegs: {' '.join(sentence.split())}")
    return code


def _usage(error: click.UsageError) -> str:
    where = error.ctx.command_path if error.ctx is not None else "freshlegs"
    sentence = error.format_message()
    stop = "" if sentence.endswith((".", "?", "!")) else "."
    return f"{sentence}{stop} See {where} --help."


def _machine(error: OSError) -> str:
    """A fault of the machine in a sentence."""
    place = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{place}; nothing half-written is left"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"writing or reading is not allowed here{place}"
    return f"{(error.strerror or str(error)).lower()}{place}"


def _unforeseen(error: Exception) -> int:
    """The last resort: one sentence, and where the whole story is; FRESHLEGS_DEBUG=1 shows it at once."""
    import tempfile
    import traceback

    story = "".join(traceback.format_exception(error))
    if os.environ.get("FRESHLEGS_DEBUG") == "1":
        sys.stderr.write(story)
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="freshlegs-error-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(f"freshlegs {package.__version__}, Python {sys.version.split()[0]}\n{story}")
        where = f"please report it with {file.name} (read it first: it may name your files)"
    except OSError:
        where = "run it again with FRESHLEGS_DEBUG=1 to see the whole story"
    return _refuse(f"something unforeseen went wrong ({type(error).__name__}); {where}", NOTHING)


class _Home(click.Path):
    """A folder; never the current one for want of a name, as of a variable that was not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path as click reads it."""
        if value == "":
            raise WrongRequest("--home is empty; name a folder")
        return super().convert(value, param, ctx)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Everything stays on this machine. Freshlegs is no medical device and makes no diagnosis.",
)
@click.option(
    "--home",
    type=_Home(file_okay=False, path_type=Path),
    help="Where the diary lives; else FRESHLEGS_HOME, else the platform's data directory.",
)
@click.version_option(package.__version__, message="freshlegs %(version)s")
@click.pass_context
def freshlegs(ctx: click.Context, home: Path | None) -> None:
    """Good tired or bad tired? Reads a runner's history and says which it is, why, and what to do."""
    ctx.obj = Session(home.expanduser() if home is not None else None)


def _add_commands() -> None:
    from freshlegs.cli import (
        acting,
        ahead,
        asking,
        demo,
        drawing,
        explaining,
        frames,
        keeping,
        person,
        plan,
        population,
        reading,
        recordings,
        reflecting,
        reporting,
        returning,
        serving,
        syncing,
        telling,
        watching,
    )

    for command in (
        demo.demo,
        reading.import_,
        watching.watch,
        syncing.sync,
        asking.checkin,
        telling.today,
        telling.history,
        acting.actions,
        acting.action,
        returning.return_,
        reporting.report,
        explaining.explain,
        ahead.forecast,
        reflecting.causes,
        reflecting.label,
        reflecting.labels,
        reflecting.interview,
        plan.plan,
        person.profile,
        frames.runs,
        frames.days,
        serving.serve,
        drawing.chart,
        keeping.export,
        keeping.backup,
        keeping.restore,
        keeping.erase,
        population.batch,
    ):
        freshlegs.add_command(command)
    recordings.join(frames.runs)


def _lay_out(command: click.Command) -> None:
    """Let click see which lines stay as they are: in a raw docstring its mark is two characters."""
    if command.help is not None:
        command.help = command.help.replace("\\b", "\b")
    for inner in getattr(command, "commands", {}).values():
        _lay_out(inner)


_add_commands()
_lay_out(freshlegs)
