"""Character sets: what each declaration decodes to, what is mended and marked, and what is never guessed."""

import os
from pathlib import Path

import pytest

from archive.intake.header import Header
from archive.intake.reading import header_of
from archive.intake.walking import walk
from archive.words.charset import decode, terms_of
from archive.words.names import person_name

CASES = (
    (b"ISO_IR 100", "Müller^Zoë".encode("latin-1"), "Müller^Zoë"),
    (b"ISO_IR 101", "Kovács^Žofia".encode("iso8859-2"), "Kovács^Žofia"),
    (b"ISO_IR 144", "Иванов^Пётр".encode("iso8859-5"), "Иванов^Пётр"),
    (b"ISO_IR 126", "Νίκος".encode("iso8859-7"), "Νίκος"),
    (b"ISO_IR 138", "דבורה".encode("iso8859-8"), "דבורה"),
    (b"ISO_IR 166", "สมชาย".encode("tis-620"), "สมชาย"),
    (b"ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ".encode("shift_jis"), "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    (b"ISO_IR 13", "山田^太郎".encode("shift_jis"), "山田^太郎"),
    (b"ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
    (b"GB18030", "㐂^𠀀".encode("gb18030"), "㐂^𠀀"),
    (b"GBK", "张^伟".encode("gbk"), "张^伟"),
    (b"\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou=山田^太郎"),
    (b"\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong^Gildong=洪^吉洞"),
    (b"\\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A" + "张^小东".encode("gb2312"), "Zhang^XiaoDong=张^小东"),
)


@pytest.mark.parametrize(("declared", "raw", "text"), CASES)
def test_each_declared_character_set_is_decoded(declared: bytes, raw: bytes, text: str) -> None:
    decoded = decode(raw, terms_of(declared))
    assert (decoded.text, decoded.mark) == (text, "")


def test_a_korean_designation_survives_the_delimiter_where_the_file_does_not_repeat_it() -> None:
    raw = b"\x1b$)C\xfb\xf3^\xd1\xce\xd4\xd7=\xc8\xab"
    assert decode(raw, terms_of(b"\\ISO 2022 IR 149")).text == "洪^吉洞=홍"


def test_kanji_that_are_not_left_before_a_delimiter_are_cut_there() -> None:
    raw = b"\x1b$B;3ED^B@O:"
    assert decode(raw, terms_of(b"\\ISO 2022 IR 87")).text == "山田^太郎"


@pytest.mark.parametrize(
    "spelling", [b"ISO_IR 100", b"ISO IR 100", b"ISO-IR 100", b"iso_ir 100 ", b"ISO 2022 IR 100", b"ISO_IR100"]
)
def test_wrong_spellings_of_a_term_are_understood(spelling: bytes) -> None:
    assert terms_of(spelling) == ("100",)


@pytest.mark.parametrize("declared", [b"", b"ISO_IR 100", b"ISO_IR 6", b"ISO_IR 999"])
def test_utf8_under_no_or_a_latin_declaration_is_mended_and_marked(declared: bytes) -> None:
    decoded = decode("Müller^Zoë".encode(), terms_of(declared))
    assert (decoded.text, decoded.mark) == ("Müller^Zoë", "repaired")


def test_other_undeclared_bytes_are_latin_and_never_guessed() -> None:
    assert decode("Müller".encode("latin-1")).text == "Müller"
    assert decode("Иванов".encode("cp1251")).text == "Èâàíîâ"


def test_bytes_that_no_character_has_are_marked_as_damage() -> None:
    assert decode(b"Zo\xc3", terms_of(b"ISO_IR 192")).mark == "damaged"
    assert decode(b"\x1b$)C\xfb", terms_of(b"\\ISO 2022 IR 149")).mark == "damaged"


def test_escapes_and_control_characters_never_come_through() -> None:
    for raw in (b"A\x1b", b"A\x1b$", b"A\x1b%G", b"\x1bA", b"A\0\x07\x1b(B"):
        assert not set(decode(raw, terms_of(b"\\ISO 2022 IR 87")).text) & set("\x1b\0\x07")


def test_an_item_inherits_the_character_set_of_the_data_set_around_it() -> None:
    name = "Müller".encode()
    item = (
        b"\xfe\xff\x00\xe0"
        + (8 + len(name)).to_bytes(4, "little")
        + b"\x10\0\x10\0PN"
        + len(name).to_bytes(2, "little")
    )
    header = Header({0x00080005: b"ISO_IR 192", 0x00081140: item + name}, {0x00081140: "SQ"}, "")
    assert header.items("ReferencedImageSequence")[0].text("PatientName") == "Müller"


def test_every_expected_name_of_the_made_files_reads_right(real_data: Path) -> None:
    folder = real_data / "charsets" / "gen"
    lines = (folder / "EXPECTED.tsv").read_text("utf-8").splitlines()[1:]
    wanted = {
        name: text.rstrip("=") for name, _, text in (line.split("\t") for line in lines) if not name.startswith("bad_")
    }
    files = {
        os.fsdecode(os.path.basename(file.path)): file for found in walk([os.fsencode(folder)]) for file in found.files
    }
    headers = {name: header_of(files[f"{name}.dcm"]) for name in wanted}
    read = {name: "=".join(h.person("PatientName").groups) for name, h in headers.items() if isinstance(h, Header)}
    assert len(read) >= 20
    assert read == wanted


def test_a_name_has_three_groups_and_readable_forms() -> None:
    name = person_name("Yamada^Tarou^^^ =山田^太郎=やまだ^たろう")
    assert (name.alphabetic, name.ideographic, name.phonetic) == ("Yamada^Tarou", "山田^太郎", "やまだ^たろう")
    assert name.forms == ("Yamada Tarou", "山田 太郎", "やまだ たろう")
    assert (name.family, name.given) == ("Yamada", "Tarou")
    assert not person_name(" ")
    assert person_name("=王^小東").shown == "王 小東"
