"""Read README.md: print its command that contains a given text, or run its Python block and compare the output.

Usage: readme.py command TEXT
       readme.py check
"""

import contextlib
import difflib
import io
import re
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def command(text: str) -> str:
    found = [line for block in blocks("bash") for line in block.splitlines() if text in line]
    if len(found) != 1:
        sys.exit(f"README.md must have exactly one command with {text!r}; got {found!r}.")
    return found[0]


def check() -> None:
    (code,), (expected,) = blocks("python"), blocks("text")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    difference = list(difflib.unified_diff(expected.splitlines(), printed.getvalue().splitlines(), "README.md", "run"))
    if difference:
        sys.exit("The output shown in README.md is not what its code prints:\n" + "\n".join(difference))


if sys.argv[1] == "command":
    print(command(sys.argv[2]))
else:
    check()
