"""Sphinx configuration."""

import os
import shutil
from importlib.metadata import version as installed_version
from pathlib import Path

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
    "matplotlib.sphinxext.plot_directive",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "auto_examples/**.ipynb", "auto_examples/**.py", "auto_examples/**.md5"]
default_role = "code"
suppress_warnings = ["sphinx_gallery.config"]  # that galleries are made of paths

templates_path = ["_templates"]
autosummary_generate = True
autodoc_typehints = "none"  # docstrings tell the types
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template of classes shows them

plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 100)]

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "copyfile_regex": r"index\.rst$",  # which has the groups
    "capture_repr": ("_repr_html_",),
    "thumbnail_size": (560, 340),
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "abort_on_example_error": True,
    "doc_module": ("geneticsearch",),
    "backreferences_dir": None,
}

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme_options = {
    "show_prev_next": False,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {page: [] for page in ("index", "quickstart", "benchmarks", "changelog")}  # they have no subpages
html_show_sourcelink = False


def copy_report(app, exception):
    """Put the report that an example writes beside the page of the example, which links to it."""
    report = Path(app.srcdir).parent / "examples" / "search.html"
    if exception is None and app.builder.format == "html" and report.exists():
        shutil.copy(report, Path(app.outdir) / "auto_examples")


def setup(app):
    app.connect("build-finished", copy_report)
