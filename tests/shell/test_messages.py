"""Messages between desk and viewer: what is said arrives, and a bad line is refused, never believed."""

import json

import pytest

from shell import messages
from shell.messages import BadMessage, Command, Failed, Open, State, decode, encode

SAMPLES = (
    Open(scan=3, words="Tête 頭", view={"a": [1.5, None]}),
    Command("window.preset", 4),
    State(scan=1, view={}, facts={"slice": 4, "value": -1024.0}, sentence="Slice 4 of 27"),
    Failed(scan=1, code="files-gone", facts={"missing": 2, "total": 3}),
)


@pytest.mark.parametrize("message", SAMPLES, ids=lambda each: type(each).__name__)
def test_a_message_survives_the_line(message):
    line = encode(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == message


def test_every_message_has_one_name():
    assert len(set(messages.NAMES.values())) == len(messages.NAMES)


def test_nan_and_infinity_become_null():
    assert json.loads(encode(Command("x", [float("nan"), float("inf"), 1.0])))["argument"] == [None, None, 1.0]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"say": "unheard"}',
        b'{"say": "open"}',
        b'{"say": "open", "scan": "1"}',
        b'{"say": "open", "scan": true}',
        b'{"say": "command", "id": 7}',
        b'{"say": "command", "id": "x", "argument": "' + b"y" * messages.MOST_BYTES + b'"}',
        b"\xff\xfe",
    ],
)
def test_a_bad_line_is_refused(line):
    with pytest.raises(BadMessage):
        decode(line)


def test_a_field_of_a_newer_program_is_ignored():
    assert decode(b'{"say": "show", "colour": "green"}') == messages.Show()


def test_too_long_a_message_is_not_sent():
    with pytest.raises(BadMessage):
        encode(Open(scan=1, words="x" * messages.MOST_BYTES))
