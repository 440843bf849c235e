"""The command line over checkpoints."""

import os
import socket
import subprocess
import sys

import pytest
from estimators import FLAT, minimized

from geneticsearch.__main__ import main


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "search.db"
    minimized(space=FLAT, n_iter=15, checkpoint=path)
    return path


def test_a_report_is_written_beside_the_checkpoint_or_where_it_should_be(checkpoint, tmp_path, capsys, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("geneticsearch.report._pictures.PICTURES", [])
    main(["report", str(checkpoint)])
    main(["report", str(checkpoint), str(tmp_path / "page.html")])
    assert capsys.readouterr().out == f"{checkpoint}.html\n{tmp_path / 'page.html'}\n"
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_a_search_is_watched_until_it_ends(checkpoint, monkeypatch, capsys):
    lock = checkpoint.with_name("search.db-lock")
    lock.touch()

    def ended(seconds):
        assert seconds == 0.5
        lock.unlink()

    monkeypatch.setattr("time.sleep", ended)
    main(["watch", str(checkpoint), "--every", "0.5"])
    (line,) = capsys.readouterr().out.splitlines()
    assert "  15 candidates, " in line
    assert "; best score " in line
    assert ": a=" in line


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing tells whether a process lives")
def test_watching_ends_where_the_process_of_the_search_was_killed(checkpoint, monkeypatch, capsys):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    lock = checkpoint.with_name("search.db-lock")
    lock.write_text(f"process {child.pid} on {socket.gethostname()} since today")
    looks = []

    def killed(seconds):
        looks.append(seconds)
        child.kill()
        child.wait()

    monkeypatch.setattr("time.sleep", killed)
    main(["watch", str(checkpoint)])
    lock.unlink()
    assert len(looks) == 1
    assert "15 candidates" in capsys.readouterr().out


def test_what_is_no_checkpoint_is_told_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["watch", str(tmp_path / "none.db")])
    assert ended.value.code == 1
    assert "none.db" in capsys.readouterr().err


@pytest.mark.slow
def test_the_package_is_a_command(checkpoint):
    done = subprocess.run([sys.executable, "-m", "geneticsearch", "watch", checkpoint], capture_output=True, text=True)
    assert done.returncode == 0
    assert "15 candidates" in done.stdout
