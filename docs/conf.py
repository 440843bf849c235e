"""Sphinx configuration."""

import os
from importlib.metadata import version as installed_version

os.environ["MPLBACKEND"] = "Agg"
os.environ["TQDM_MININTERVAL"] = "60"  # in the gallery every update of a progress bar is a line of its own

project = "geneticsearch"
author = "geneticsearch developers"
copyright = f"2026, {author}"
version = release = installed_version("geneticsearch")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "auto_examples/**.ipynb", "auto_examples/**.py", "auto_examples/**.md5"]
default_role = "code"

templates_path = ["_templates"]
autosummary_generate = True
numpydoc_show_class_members = False  # the template of classes shows them

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "download_all_examples": False,
    "show_memory": False,
    "abort_on_example_error": True,
    "doc_module": ("geneticsearch",),
    "backreferences_dir": None,
}

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {release}"
html_theme_options = {
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_show_sourcelink = False
