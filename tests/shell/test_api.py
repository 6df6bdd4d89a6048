"""The bridge: every call ends in one answer, nothing but the table can be reached, and ui/api.d.ts tells the truth."""

import json
import queue
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from archive.errors import FilesGone
from shell import api, api_shapes, api_types
from shell.counter import Counter
from shell.desk import Bridge, script
from shell.journal import Journal
from shell.places import Places
from shell.pushes import Pushes
from shell.texts import Texts


class NoWindow:
    """A window system in which a person chooses what the test says."""

    def __init__(self) -> None:
        self.chosen: tuple[bytes, ...] = ()
        self.left = False

    def choose(self, door: str, title: str) -> tuple[bytes, ...]:
        assert title and not title.startswith("choose."), "a dialog without a title"
        return self.chosen

    def dress(self, theme: str) -> None:
        pass

    def leave(self) -> None:
        self.left = True


@pytest.fixture
def counter(tmp_path: Path) -> Any:
    made = Counter(Places(str(tmp_path / "data")), Texts("en"), Journal(None), NoWindow(), lambda *_: None)
    yield made
    made.close()


def answered(counter: Counter, name: str, request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(api.Dispatcher(counter).answer(name, request))
    assert set(answer) in ({"value"}, {"error"})
    return answer


@pytest.mark.parametrize("name", ["", "nothing", "_engine.dispose", "shelf.close", "__class__", "call"])
def test_an_unknown_name_gets_an_answer_and_reaches_nothing(counter: Counter, name: str) -> None:
    assert answered(counter, name, {})["error"]["code"] == "usage"


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        "x",
        {},
        {"text": 1},
        {"text": "a", "limit": "9"},
        {"text": "a", "limit": True},
        {"text": "a", "more": 1},
    ],
)
def test_a_wrong_request_is_refused_in_words(counter: Counter, request_: Any) -> None:
    error = answered(counter, "search", request_)["error"]
    assert error["code"] == "usage" and len(error["sentence"]) > 10


def test_an_empty_archive_is_answered_and_not_made(counter: Counter, tmp_path: Path) -> None:
    value = answered(counter, "search", {"text": ""})["value"]
    assert value["total"] == 0 and value["studies"] == []
    start = answered(counter, "start", {})["value"]
    assert start["error"] is None and start["totals"]["studies"] == 0
    assert set(start) == set(api_shapes.Start.__annotations__)
    assert not (tmp_path / "data").exists()


def test_a_result_that_is_no_number_is_an_error_and_not_a_silence(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "info", lambda _: {"value": float("nan")})
    assert answered(counter, "info", {"series": "x"})["error"]["code"] == "internal"


def test_a_fault_of_ours_tells_its_kind_and_not_its_message(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> dict[str, Any]:
        raise KeyError("DOE^JANE")

    monkeypatch.setattr(counter, "info", fails)
    error = answered(counter, "info", {"series": "x"})["error"]
    assert "KeyError" in error["sentence"] and "JANE" not in json.dumps(error)


def test_an_error_of_the_archive_comes_in_words_of_the_language(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise FilesGone(missing=3, total=120)

    monkeypatch.setattr(counter, "open", gone)
    assert "3 of the 120 images" in answered(counter, "open", {"series": "x"})["error"]["sentence"]
    answered(counter, "set", {"name": "language", "value": "fr"})
    error = answered(counter, "open", {"series": "x"})["error"]
    assert error["code"] == "files-gone" and "120" in error["sentence"] and "images are" not in error["sentence"]


def test_no_call_takes_a_path(counter: Counter, tmp_path: Path) -> None:
    for name in ("import", "visit", "open_other"):
        assert answered(counter, name, {"handle": str(tmp_path)})["error"]["code"] == "not-found"
        assert answered(counter, name, {"paths": [str(tmp_path)]})["error"]["code"] == "usage"
    named = {field for row in api.CALLS.values() for field in row.request.__annotations__}
    assert not {field for field in named if "path" in field or "folder" in field or "file" in field}


def test_the_types_of_the_page_are_fresh() -> None:
    written = Path(api_types.TARGET).read_text("utf-8")
    assert written == api_types.written(), "run python -m shell.api_types"


class Engine:
    """Stands for the window: keeps what would be run in the page."""

    def __init__(self) -> None:
        self.ran: queue.Queue[str] = queue.Queue()

    def run_js(self, text: str) -> None:
        self.ran.put(text)


class Slow:
    """A dispatcher whose ordered calls take their time."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def is_ordered(self, name: str) -> bool:
        return name == "ordered"

    def answer(self, name: str, request: Any) -> str:
        time.sleep(request)
        self.done.append(f"{name} {request}")
        return "{}"


def test_the_bridge_hears_only_its_own_function() -> None:
    engine, slow = Engine(), Slow()
    bridge = Bridge(slow, engine.run_js)  # type: ignore[arg-type]
    for function, request in [
        ("pywebviewMoveWindow", [1, 2]),
        ("pywebviewStateUpdate", {"key": "a", "value": 1}),
        ("_engine.dispose", []),
        ("call", ["one"]),
        ("call", [1, {}]),
        ("call", "text"),
    ]:
        bridge.call(None, function, request, "id")
    bridge.call(None, "call", ["quick", 0], "last")
    assert engine.ran.get(timeout=5) == script("__answer", "last", "{}")
    assert engine.ran.empty() and slow.done == ["quick 0"]


def test_writing_calls_keep_their_order_while_others_run_beside_them() -> None:
    engine, slow = Engine(), Slow()
    bridge = Bridge(slow, engine.run_js)  # type: ignore[arg-type]
    bridge.call(None, "call", ["ordered", 0.2], "1")
    bridge.call(None, "call", ["ordered", 0], "2")
    bridge.call(None, "call", ["free", 0], "3")
    for _ in range(3):
        engine.ran.get(timeout=5)
    assert slow.done == ["free 0", "ordered 0.2", "ordered 0"]


def test_words_for_the_page_cannot_leave_their_string() -> None:
    text = script("__answer", "1", '</script>";alert(1)//\u2028\\')
    assert text.isascii() and "\n" not in text
    assert json.loads(text[text.index("(") + 1 : -1].split(", ", 1)[1]) == '</script>";alert(1)//\u2028\\'


def test_events_come_at_most_every_50_ms_and_the_newest_of_a_kind_counts() -> None:
    batches: list[list[dict[str, Any]]] = []
    over = threading.Event()

    def deliver(text: str) -> None:
        batches.append(json.loads(text))
        if batches[-1][-1]["data"].get("last"):
            over.set()

    pushes = Pushes(deliver)
    for number in range(500):
        pushes.post("job", {"done": number}, "import-1")
    pushes.start()
    for number in range(500, 1000):
        pushes.post("job", {"done": number}, "import-1")
        pushes.post("job", {"done": number}, "import-2")
    pushes.post("changed", {"last": True})
    assert over.wait(5)
    pushes.close()
    told = [event for batch in batches for event in batch]
    assert len(batches) <= 4 and [event["number"] for event in told] == list(range(1, len(told) + 1))
    assert [event["data"]["done"] for event in told if event["type"] == "job"][-1] == 999
