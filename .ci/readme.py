"""Print the command of README.md that contains a given text, or run its Python block and compare or renew the output.

Usage: readme.py command TEXT
       readme.py check
       readme.py update
"""

import contextlib
import difflib
import io
import re
import sys
from pathlib import Path

PATH = Path(__file__).parent.parent / "README.md"
README = PATH.read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def command(text: str) -> str:
    found = [line for block in blocks("bash") for line in block.splitlines() if text in line]
    if len(found) != 1:
        sys.exit(f"README.md must have exactly one command with {text!r}; got {found!r}.")
    return found[0]


def run() -> str:
    (code,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def check() -> None:
    (expected,) = blocks("text")
    difference = list(difflib.unified_diff(expected.splitlines(), run().splitlines(), "README.md", "run", lineterm=""))
    if difference:
        sys.exit("README.md shows another output than its code has: see `readme.py update`.\n" + "\n".join(difference))


def update() -> None:
    (shown,) = blocks("text")
    PATH.write_text(README.replace(f"```text\n{shown}```", f"```text\n{run()}```"))


match sys.argv[1:]:
    case ["command", text]:
        print(command(text))
    case ["check"]:
        check()
    case ["update"]:
        update()
    case _:
        sys.exit(__doc__)
