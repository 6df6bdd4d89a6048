"""privacy-proof: it is clean, and it would say so if it were not."""

import os
import sys
from pathlib import Path

import pytest

from shell import proof
from shell.proof_search import forms_of, found_in
from shell.proof_watch import can_watch, run
from shell.texts import Texts


def test_p13_p14_p15_p16_a_session_and_a_day_leave_nothing_readable_and_open_no_socket() -> None:
    said: list[str] = []
    value = proof.proved(Texts("en"), said.append)
    assert value["findings"] == [] and value["clean"]
    assert len(value["commands"]) == len(proof.SESSION) + len(proof.DAY) + 1 == len(said)
    names = {file["path"] for file in value["files"]}
    assert {"archive/archive.db", "archive/key", "out/day.nii.gz"} <= names
    assert any(not file["is_left"] for file in value["files"]), "files that are there for a moment are seen too"


def test_a_word_is_found_in_every_form_it_may_lie_in() -> None:
    import base64
    import gzip

    words = {"name": "Rumpelstilz"}
    for prefix in ("", "a", "ab", "abc"):
        body = base64.b64encode(f"{prefix}Rumpelstilz, and more".encode())
        assert list(found_in(body, words)), prefix
    for form, needle in forms_of("Rumpelstilz"):
        assert (("name", form)) in set(found_in(b"\0\1" + needle + b"\2", words))
    assert list(found_in(gzip.compress(b"Herr Rumpelstilz"), words))
    assert not list(found_in(b"Rumpel Stilz", words))


@pytest.mark.skipif(not can_watch(), reason="this system does not tell whose socket is whose")
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_a_network_socket_of_a_child_is_seen(kind: str) -> None:
    inner = f"import socket, time; s = socket.socket(socket.AF_INET, socket.{kind}); s.bind(('127.0.0.1', 0)); "
    inner += "s.listen() if s.type == socket.SOCK_STREAM else None; time.sleep(0.4)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    assert run([sys.executable, "-c", outer], dict(os.environ), lambda: None).sockets


def test_what_should_not_be_is_found(tmp_path: Path) -> None:
    made = proof._Proof(str(tmp_path), lambda _: None)
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o755)
    (archive / "leak").write_text(proof.PLANTED["name"])
    (archive / "plain.db").write_bytes(b"SQLite format 3\0")
    (tmp_path / "home" / "stray").touch()
    codes = {finding.code for finding in made.left()}
    assert codes == {"readable", "plain-database", "outside", "open"}
