"""Query: the words of a search, understood; and the text of a study in which they are looked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from archive.words.dates import DateSpan, day_of, span_of
from archive.words.folding import fold, search_tokens

# Marks that set apart, in a study's text, what is not a word: no folded word begins with one.
MODALITY, STUDY_DAY, BIRTH_DAY, TAG = "=", "@", "*", "#"
# What people type -> what files say. Only words of one meaning: `chest` does not find Thorax.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "scanner": ("=ct",), "tdm": ("=ct",), "scan": ("=ct",), "tomodensitometrie": ("=ct",),
    "irm": ("=mr",), "mri": ("=mr",), "mrt": ("=mr",),
    "tep": ("=pt",), "pet": ("=pt",),
    "echo": ("=us",), "echographie": ("=us",), "ultrasound": ("=us",),
    "radio": ("=cr", "=dx"), "radiographie": ("=cr", "=dx"), "xray": ("=cr", "=dx"),
    "mammographie": ("=mg",), "mammography": ("=mg",),
    "genou": ("knee",), "tete": ("head",), "crane": ("skull",), "cerveau": ("brain",), "cou": ("neck",),
    "epaule": ("shoulder",), "coude": ("elbow",), "poignet": ("wrist",), "main": ("hand",), "hanche": ("hip",),
    "cheville": ("ankle",), "pied": ("foot",), "jambe": ("leg",), "bras": ("arm",), "bassin": ("pelvis",),
    "rachis": ("spine",), "colonne": ("spine",), "poitrine": ("chest",), "coeur": ("heart",), "foie": ("liver",),
    "rein": ("kidney",), "poumon": ("lung",), "sein": ("breast",), "dent": ("tooth",), "oreille": ("ear",),
    "knee": ("genou",), "head": ("tete",), "skull": ("crane",), "brain": ("cerveau",), "neck": ("cou",),
    "shoulder": ("epaule",), "elbow": ("coude",), "wrist": ("poignet",), "hand": ("main",), "hip": ("hanche",),
    "ankle": ("cheville",), "foot": ("pied",), "pelvis": ("bassin",), "spine": ("rachis",), "heart": ("coeur",),
    "liver": ("foie",), "kidney": ("rein",), "lung": ("poumon",), "breast": ("sein",),
}  # fmt: skip
NEVER = DateSpan("9999-99-99", "0000-00-00")  # of a date that is none: nothing matches
_LEAST_INFIX = 3  # characters; shorter words are found at the beginning of a word only


@dataclass(frozen=True, slots=True)
class Term:
    """One demand: a study has one of `needles` in its text (or, excluded, none). `infix`: where no study has, inside words."""

    shown: str
    needles: tuple[str, ...]
    excluded: bool = False
    infix: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """All demands of a search: terms, and spans that must hold the study date. `tokens`: as understood, to be shown."""

    terms: tuple[Term, ...] = ()
    spans: tuple[DateSpan, ...] = ()
    tokens: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.spans)


def parse(text: str) -> Query:
    """`irm genou 2023 dupont`, `mod:ct date:2019..2021 -chest`, `01.05.1960`: words in any order, all of them demanded."""
    terms: list[Term] = []
    spans: list[DateSpan] = []
    tokens: list[str] = []
    for word in text.split():
        excluded, bare = word.startswith("-") and len(word) > 1, word.lstrip("-")
        span = _span(bare)
        if span and not excluded:
            spans.append(span)
            tokens.append(bare)
            continue
        found = _terms(bare, excluded)
        terms += found
        tokens += [("-" if excluded else "") + term.shown for term in found]
    return Query(tuple(dict.fromkeys(terms)), tuple(spans), tuple(tokens))


def _span(word: str) -> DateSpan | None:
    """The days of `date:2021-06` or `date:2019..2021`; None for any other word."""
    field, colon, rest = word.partition(":")
    if field.lower() != "date" or not colon or not rest:
        return None
    return span_of(rest) or NEVER


def _terms(word: str, excluded: bool) -> list[Term]:
    field, colon, rest = word.partition(":")
    if colon and rest and field.lower() in _FIELDS:
        return [Term(word, (_FIELDS[field.lower()](rest),), excluded)]
    day = day_of(word)
    if day:
        digits = day.replace("-", "")
        return [Term(day, (f" {BIRTH_DAY}{digits} ", f" {STUDY_DAY}{digits} ", f" {digits} "), excluded)]
    return [_term(token, excluded) for token in fold(word)]


def _term(token: str, excluded: bool) -> Term:
    needles = [f" {token}", *(f" {synonym}" for synonym in SYNONYMS.get(token, ()))]
    if token.isdigit() and len(token) == 4:  # a year matches birth or study date
        needles += [f" {BIRTH_DAY}{token}", f" {STUDY_DAY}{token}"]
    return Term(token, tuple(needles), excluded, token if len(token) >= _LEAST_INFIX and not excluded else "")


def _born(text: str) -> str:
    """The beginning of a birth date, up to all of it."""
    return f" {BIRTH_DAY}{day_of(text).replace('-', '') or ''.join(filter(str.isdigit, text)) or '?'}"


def _tag(text: str) -> str:
    return TAG + "_".join(fold(text))


_FIELDS: Mapping[str, Callable[[str], str]] = {
    "mod": lambda rest: f" {MODALITY}{rest.lower()} ",
    "modality": lambda rest: f" {MODALITY}{rest.lower()} ",
    "born": _born,
    "tag": lambda rest: f" {_tag(rest)} ",
}


def searched_text(
    texts: Iterable[str], modalities: Iterable[str], study_date: str, birth_date: str, tags: Iterable[str]
) -> str:
    """What a study is found by, folded once: " word word ct =ct @20210630 *19610407 #urgent "."""
    tags = tuple(tags)
    kinds = [modality.lower() for modality in modalities]
    words = [*search_tokens(*texts, *tags), *kinds, *(MODALITY + kind for kind in kinds)]
    words += [mark + day.replace("-", "") for mark, day in ((STUDY_DAY, study_date), (BIRTH_DAY, birth_date)) if day]
    words += [_tag(tag) for tag in tags]
    return " " + " ".join(dict.fromkeys(words)) + " "
