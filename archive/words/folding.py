"""Folding: any spelling of a word to the tokens under which it is kept and searched.

A query is folded to one token a word, what is kept to all tokens under which people may look for it: without accents,
umlauts as ae, oe, ue, Greek ou, Korean surnames as they are typed, names with an apostrophe or a hyphen split and
joined, other scripts in letters of their own and of ours, and every tail of a Chinese or Japanese word.
"""

import re
import unicodedata

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# What anyascii makes of a Korean surname -> what its bearers write.
KOREAN_SURNAMES = {
    "gim": "kim", "i": "lee", "bag": "park", "choe": "choi", "jeong": "jung", "jo": "cho", "im": "lim",
    "gang": "kang", "yun": "yoon", "seo": "suh", "sin": "shin", "gwon": "kwon", "o": "oh", "yu": "yoo",
}  # fmt: skip
JOINERS = "'’ʼ`´‘-‐‑–"  # inside a name they part or join: O'Connor, Jean-Luc

# Letters, digits, and the vowel signs and points that belong to a letter but are none themselves (category Mn).
_LETTER = r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0eff])"
_PART = re.compile(rf"{_LETTER}+")
_WORD = re.compile(rf"{_LETTER}+(?:[{re.escape(JOINERS)}]{_LETTER}+)*")
_LATIN = re.compile(r"[\x00-\u024f\u1e00-\u1eff]+")
_KANA = range(0x3040, 0x3100)
_CJK = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
_HANGUL = re.compile(r"[\uac00-\ud7af]+")
_KATAKANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
LONGEST_TAIL = 4  # characters of a CJK word's tail that is kept on its own


def fold(text: str) -> tuple[str, ...]:
    """The tokens of a query, in order: each must be the beginning of some token of `search_tokens` to match."""
    return tuple(token for part in _parts(text) if (token := _one(part)))


def search_tokens(*texts: str) -> tuple[str, ...]:
    """All tokens under which these texts are to be found, each once, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(unicodedata.normalize("NFKC", text)):
            parts = _PART.findall(word)
            joined = ["".join(parts)] if len(parts) > 1 else []
            for part in (*parts, *joined):
                found.update(dict.fromkeys(_forms(part)))
    found.pop("", None)
    return tuple(found)


def _parts(text: str) -> list[str]:
    return _PART.findall(unicodedata.normalize("NFKC", text))


def _one(part: str) -> str:
    """The one form of a query's word: our letters for Latin script, its own letters for any other."""
    return _latin(part) if _LATIN.fullmatch(part) else _plain(part)


def _forms(part: str) -> list[str]:
    """Every form of one word: own letters, ours, and the spellings people use."""
    if _LATIN.fullmatch(part):
        lower = unicodedata.normalize("NFC", part.casefold())
        return [_latin(part), _latin(lower.translate(UMLAUTS))]
    plain = _plain(part)
    ours = [_latin(part), _latin(plain), _latin(plain.replace("ου", "u")), _latin(plain.replace("ου", "ou"))]
    return [plain, *ours, *_tails(plain), *(_korean(part) if _HANGUL.match(part) else ())]


def _latin(part: str) -> str:
    """Letters and digits of ASCII alone, in lower case."""
    if part.isascii():
        return part.lower()
    from anyascii import anyascii  # not at the top: most searches are typed in ASCII and need no tables

    return "".join(filter(str.isalnum, anyascii(part))).casefold()


def _plain(part: str) -> str:
    """The word's own letters without case and accents; the marks of kana are letters and stay, katakana is hiragana."""
    kept, base = [], ""
    for character in unicodedata.normalize("NFD", part.casefold()):
        if unicodedata.category(character) == "Mn":
            if ord(base or " ") in _KANA:
                kept.append(character)
            continue
        base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_KATAKANA)


def _tails(plain: str) -> list[str]:
    """王小東 is also found as 小東 and 東: CJK names are written without a space."""
    if not _CJK.fullmatch(plain):
        return []
    return [plain[start:] for start in range(max(1, len(plain) - LONGEST_TAIL), len(plain))]


def _korean(part: str) -> list[str]:
    """The surname (the first syllable) as people type it, alone and before the rest."""
    surname, rest = _latin(part[0]), _latin(part[1:])
    typed = KOREAN_SURNAMES.get(surname)
    return [surname, rest, *((typed, typed + rest) if typed else ())]
