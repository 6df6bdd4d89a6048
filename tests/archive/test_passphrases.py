"""The key sealed by a passphrase, opened by a recovery code, and what each wrong attempt is told."""

import functools
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from make import archives

from archive.errors import ArchiveSealed, KeyLost, WrongKey, WrongPassphrase
from archive.index import backup, keyholding, keys, sealing, sidecar
from archive.index.catalogue import Catalogue
from archive.index.keys import Key

FAST = 16


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOMOTHEQUE_KEY_FILE", raising=False)
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    monkeypatch.setattr(sealing, "sealed", functools.partial(sealing.sealed, cost=FAST))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archives.series(tmp_path / "scan", 2)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        archives.receipt_of(catalogue, tmp_path / "scan")
    return tmp_path / "data"


def key_of(data: Path) -> Key:
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.key is not None
        return catalogue.key


@settings(deadline=None, max_examples=30)
@given(some.binary(min_size=1, max_size=200), some.text(min_size=1), some.text(min_size=1))
def test_what_is_sealed_opens_with_its_passphrase_and_no_other(secret: bytes, passphrase: str, other: str) -> None:
    try:
        passphrase.encode(), other.encode()
    except UnicodeEncodeError:
        return
    line = sealing.sealed(secret, passphrase, cost=FAST)
    assert sealing.unsealed(line, passphrase) == secret
    if sealing.unicodedata.normalize("NFKC", other) != sealing.unicodedata.normalize("NFKC", passphrase):
        with pytest.raises(WrongPassphrase):
            sealing.unsealed(line, other)


def test_two_sealings_of_one_secret_share_nothing() -> None:
    one, other = (sealing.sealed(b"secret", "pass", cost=FAST).split() for _ in range(2))
    assert not set(one[2:]) & set(other[2:])


@pytest.mark.parametrize("change", [lambda w: [*w[:3], w[3][:-2] + "00", w[4]], lambda w: [*w[:2], "00" * 16, *w[3:]]])
def test_a_changed_line_does_not_open(change) -> None:
    line = " ".join(change(sealing.sealed(b"\xff" * 8, "pass", cost=FAST).split()))
    with pytest.raises(WrongPassphrase):
        sealing.unsealed(line, "pass")


@pytest.mark.parametrize("line", ["", "tomotheque-sealed-1", "tomotheque-sealed-1 3 00 00 00", "x 16 00 00 00",
                                  "tomotheque-sealed-1 1073741824 00 00 00", "tomotheque-sealed-1 16 zz 00 00"])  # fmt: skip
def test_a_torn_line_is_a_lost_key(line: str) -> None:
    with pytest.raises(KeyLost):
        sealing.unsealed(line, "pass")


def test_a_recovery_code_is_read_however_it_is_typed() -> None:
    code = sealing.new_code()
    assert sealing.tidy_code(f" {code.lower().replace('-', ' ')}\n") == code and len(code.replace("-", "")) == 32


def test_a_sealed_archive_asks_and_opens_with_the_passphrase_alone(data: Path) -> None:
    keyholding.seal(str(data), key_of(data), "correct horse")
    assert keyholding.status(str(data)) == keyholding.KeyStatus("file", True, False)
    for ask, error in ((None, ArchiveSealed), (lambda: None, ArchiveSealed), (lambda: "wrong", WrongPassphrase)):
        with pytest.raises(error):
            Catalogue.open(str(data), ask=ask)
    with Catalogue.open(str(data), ask=lambda: "correct horse") as catalogue:
        catalogue.tag(catalogue.search().studies[0].key, ["sealed"])
        assert catalogue.notices == ()
        keyholding.seal(str(data), catalogue.key, "another one")
    with Catalogue.open(str(data), ask=lambda: "another one") as catalogue:
        assert catalogue.search().studies[0].tags == ("sealed",)
        keyholding.unseal(str(data), catalogue.key)
    assert not keyholding.status(str(data)).is_sealed and key_of(data).place == "file"


def test_neither_key_nor_passphrase_nor_code_is_in_any_file_of_a_sealed_archive(data: Path) -> None:
    key = key_of(data)
    keyholding.seal(str(data), key, "correct horse")
    code = keyholding.new_code(str(data), key)
    with Catalogue.open(str(data), ask=lambda: "correct horse") as catalogue:
        catalogue.tag(catalogue.search().studies[0].key, ["x"])
        catalogue.back_up_when_due()
    secrets = (key.raw, key.raw.hex().encode(), key.raw[::-1], b"correct horse", code.encode())
    written = [path for path in data.rglob("*") if path.is_file()]
    assert len(written) > 5
    assert [path.name for path in written if any(secret in path.read_bytes() for secret in secrets)] == []
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


def test_the_recovery_code_opens_what_a_forgotten_passphrase_or_a_lost_key_closed(data: Path) -> None:
    code = keyholding.new_code(str(data), key_of(data))
    keyholding.seal(str(data), key_of(data), "forgotten")
    with pytest.raises(WrongPassphrase):
        keyholding.recover(str(data), sealing.new_code())
    keyholding.recover(str(data), code.lower())
    assert key_of(data)
    (data / "key").unlink()
    with pytest.raises(KeyLost):
        Catalogue.open(str(data))
    keyholding.recover(str(data), code)
    newer = keyholding.new_code(str(data), key_of(data))
    with pytest.raises(WrongPassphrase):
        keyholding.recover(str(data), code)
    keyholding.recover(str(data), newer)


def test_without_a_code_nothing_is_recovered_and_a_strangers_code_does_not_fit(data: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyLost):
        keyholding.recover(str(data), "any")
    stranger = Key(os.urandom(32), os.urandom(16), "file")
    code = keyholding.new_code(str(data), stranger)
    with pytest.raises(WrongKey):
        keyholding.recover(str(data), code)
    assert key_of(data)


def test_a_key_in_the_keyring_moves_to_its_sealed_file_and_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, str] = {}
    monkeypatch.setattr(keys, "_into_keyring", lambda name, body: not held.update({name: body}))
    monkeypatch.setattr(keys, "_from_keyring", held.get)
    monkeypatch.setattr(keys, "drop_from_keyring", lambda name: held.pop(name))
    keyholding.unseal(str(data), key_of(data))
    assert held and not (data / "key").exists() and key_of(data).place == "keyring"
    keyholding.seal(str(data), key_of(data), "correct horse")
    found = sidecar.read(str(data))
    assert not held and found is not None and found.key_place == "file"
    with Catalogue.open(str(data), ask=lambda: "correct horse") as catalogue:
        keyholding.unseal(str(data), catalogue.key)
    assert held and not (data / "key").exists()


def test_a_backup_of_a_sealed_archive_is_sealed_too(data: Path, tmp_path: Path) -> None:
    keyholding.seal(str(data), key_of(data), "correct horse")
    backup.backup(str(data), str(tmp_path / "b"), ask=lambda: "correct horse")
    backup.restore(str(tmp_path / "b"), str(tmp_path / "other"))
    with pytest.raises(ArchiveSealed):
        Catalogue.open(str(tmp_path / "other"))
    with Catalogue.open(str(tmp_path / "other"), ask=lambda: "correct horse") as catalogue:
        assert catalogue.totals().instances == 2
