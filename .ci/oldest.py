"""Print pip constraints that pin every run-time dependency to its lower bound in pyproject.toml."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
pinned = ("pandas", "plots", "mlflow", "tensorboard", "optuna")
requirements = [*project["dependencies"], *(one for extra in pinned for one in extras[extra])]
for requirement in requirements:
    name, bound = re.fullmatch(r"([\w-]+)>=([\d.]+)", requirement).groups()
    print(f"{name}=={bound}")
