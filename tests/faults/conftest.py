"""The fault suite's own option and figures: a short version runs with every test run, `--faults` makes it long."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from make import archives

from archive.index import keys
from archive.index.catalogue import Catalogue


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="the long version: more cuts, kills and flips")


@pytest.fixture
def amount(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """How many times: the first number in a short run, the second in a long one."""
    is_long = request.config.getoption("--faults", default=False)
    return lambda short, long: long if is_long else short


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a figure of a test: it is printed at the end of the run."""
    return lambda text: record_property("figure", text)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    figures = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("faults")
        for line in sorted(set(figures)):
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("TOMOTHEQUE_KEY_FILE", raising=False)
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    yield


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Six small studies."""
    for number in range(6):
        archives.series(tmp_path / "scans" / f"s{number}", 3, PatientID=f"F-{number}", PatientName=f"Fault^N{number}")
    return tmp_path / "scans"


@pytest.fixture
def data(tmp_path: Path, scans: Path) -> Path:
    """An archive of them, tagged and noted, with backups of its own."""
    place = tmp_path / "data"
    with Catalogue.open(str(place), create=True) as catalogue:
        archives.receipt_of(catalogue, scans)
        catalogue.back_up_when_due()
        for number, study in enumerate(catalogue.search().studies):
            catalogue.tag(study.key, [f"tag{number}"])
        catalogue.note(catalogue.search().studies[0].key, "noted")
    return place
