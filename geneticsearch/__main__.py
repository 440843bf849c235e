"""Look at a search from another process, by its checkpoint: ``python -m geneticsearch watch search.db``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from geneticsearch._errors import ArgumentError
from geneticsearch.checkpoint import CheckpointError, is_held
from geneticsearch.report import write_report
from geneticsearch.results import history_of
from geneticsearch.space import assignments


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command: `report` writes a web page, `watch` a line whenever there is something new."""
    parser = argparse.ArgumentParser(
        prog="python -m geneticsearch",
        description="Look at a search by its checkpoint, while it runs or afterwards. The file is only read.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="write a web page about the search")
    report.add_argument("checkpoint", type=Path)
    report.add_argument("page", type=Path, nargs="?", help="the file to write; by default CHECKPOINT.html")
    watch = commands.add_parser("watch", help="print a line whenever there are new candidates, until the search ends")
    watch.add_argument("checkpoint", type=Path)
    watch.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="how often to look; 2 by default")
    given = parser.parse_args(arguments)
    try:
        if given.command == "watch":
            _watch(given.checkpoint, given.every)
        else:
            page = given.page or given.checkpoint.with_name(f"{given.checkpoint.name}.html")
            sys.stdout.write(f"{write_report(given.checkpoint, page)}\n")
    except (FileNotFoundError, CheckpointError, ArgumentError) as error:
        parser.exit(1, f"{error}\n")
    except KeyboardInterrupt:
        parser.exit(130)


def _watch(path: Path, seconds: float) -> None:
    """Print the state of a search whenever it has changed, while its file is in use."""
    shown = ""
    while True:
        is_running = is_held(path)
        line = _state(path)
        if line != shown:
            sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {line}\n")
            sys.stdout.flush()
            shown = line
        if not is_running:
            return
        time.sleep(seconds)


def _state(path: Path) -> str:
    """Return how far a search is, in words."""
    history = history_of(path)
    n_failed = int(history.failed.sum())
    counts = f"{len(history.individuals)} candidates" + (f", {n_failed} failed" if n_failed else "")
    best = history.best
    if best is None:
        return counts
    return f"{counts}; best {history.metric} {best.score:.5g}, number {best.number}: {assignments(best.params)}"


if __name__ == "__main__":
    main()
