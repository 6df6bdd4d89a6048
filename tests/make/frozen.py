"""Writes an archive as the program of format 1 wrote it: tables from format_1.sql, rows in plain SQL, nothing of today's code.

format_1.sql is never changed once a program that writes format 1 was released; `python -m make.frozen` (in tests/) writes it
from today's tables until then.
"""

import hashlib
import hmac
import json
import os
import sys
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

TABLES = Path(__file__).with_name("format_1.sql")
RAW, SALT, ARCHIVE = bytes(range(32)), bytes(range(16)), "00000000-0000-4000-8000-000000000001"
AT = "2024-01-02T03:04:05.000+00:00"
ROWS = (
    f"INSERT INTO archive (id, format, archive_id, secret, commits) VALUES (1, 1, '{ARCHIVE}', x'{'ab' * 32}', 3)",
    "INSERT INTO patient (id, \"key\", name, patient_id, names) VALUES (1, 'p1', 'Frozen, Ann', 'FROZEN-1', '[\"Frozen, Ann\"]')",
    (
        'INSERT INTO study (id, patient, "key", study_uid, date, n_series, searched) '
        "VALUES (1, 1, 't1', '1.2.3', '2019-08-07', 1, ' frozen ann old ')"
    ),
    "INSERT INTO series (id, study, \"key\", series_uid, modality) VALUES (1, 1, 's1', '1.2.3.4', 'CT')",
    "INSERT INTO label (study_key, tag) VALUES ('t1', 'old')",
    "INSERT INTO note (study_key, text) VALUES ('t1', 'from long ago')",
)
EVENTS = (
    ("tag", {"study": "t1", "added": ["old"], "removed": []}),
    ("note", {"study": "t1", "before": "", "after": "from long ago"}),
)


def write(data_dir: str) -> None:
    """Write the archive into a new data directory, with its key in a file."""
    os.makedirs(data_dir, 0o700)
    _write_private(data_dir, "key", f"tomotheque-key-1 {(RAW + SALT).hex()}\n")
    database = sqlcipher.connect(os.path.join(data_dir, "archive.db"), isolation_level=None)
    database.execute(f"PRAGMA key = \"x'{(RAW + SALT).hex()}'\"")
    database.execute("PRAGMA journal_mode = WAL")
    for statement in (*TABLES.read_text("utf-8").splitlines(), *ROWS):
        database.execute(statement)
    for kind, facts in EVENTS:
        database.execute("INSERT INTO event (at, kind, facts) VALUES (?, ?, ?)", (AT, kind, json.dumps(facts)))
    database.close()
    check = hmac.new(RAW, b"tomotheque-archive:" + ARCHIVE.encode(), hashlib.sha256).hexdigest()
    said = {
        "format": 1,
        "archive_id": ARCHIVE,
        "key_check": check,
        "key_place": "file",
        "salt": SALT.hex(),
        "commits": 3,
    }
    said["sum"] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    _write_private(data_dir, "archive.json", json.dumps(said, indent=1) + "\n")


def _write_private(data_dir: str, name: str, text: str) -> None:
    path = Path(data_dir, name)
    path.write_text(text, "utf-8")
    path.chmod(0o600)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from archive.index.engine import statements

    TABLES.write_text(
        "".join(f"{text}\n" for name, text in statements().items() if name.startswith("create.")), "utf-8"
    )
