"""What am I looking at: sixty headers, and the words the sentence may say of each, in both languages; doubt says nothing."""

import json
import string
from pathlib import Path
from typing import Any

import pytest
from make import dicom
from make.series import frame

from archive.intake.header import Header
from archive.volumes import about
from archive.volumes.labels import classic_labels
from archive.volumes.splitting import split

FOLDER = Path(__file__).parents[2] / "ui" / "texts"


def header(**said: Any) -> Header:
    elements = dicom.elements_of(said)
    return Header({tag: value for tag, _, value in elements}, {tag: vr for tag, vr, _ in elements}, dicom.EXPLICIT_LE)


def mr(sequence: Any, tr: float, te: float, ti: float = 0, **more: Any) -> dict[str, Any]:
    times = {"RepetitionTime": tr, "EchoTime": te} | ({"InversionTime": ti} if ti else {})
    return {"Modality": "MR", "ScanningSequence": sequence, **times, **more}


CT, PT = {"Modality": "CT"}, {"Modality": "PT"}
AGENT = {"ContrastBolusAgent": "Omnipaque 350"}
FDG = {"RadiopharmaceuticalInformationSequence": [{"Radiopharmaceutical": "F-18 FDG"}]}
CODED = {"RadiopharmaceuticalCodeSequence": [{"CodeMeaning": "Fluorodeoxyglucose F^18^"}]}
HEADERS: tuple[tuple[dict[str, Any], str, str], ...] = (  # header, word of the scan, word of the part ("": none said)
    (CT, "CT", ""),
    (CT | {"BodyPartExamined": "CHEST"}, "CT", "chest"),
    (CT | {"BodyPartExamined": "chest"}, "CT", "chest"),
    (CT | {"BodyPartExamined": "THORAX"}, "CT", "chest"),
    (CT | {"BodyPartExamined": "HEAD"}, "CT", "head"),
    (CT | {"BodyPartExamined": "HEAD NECK"}, "CT", "head-neck"),
    (CT | {"BodyPartExamined": "C SPINE"}, "CT", "cervical-spine"),
    (CT | {"BodyPartExamined": "LSPINE"}, "CT", "lumbar-spine"),
    (CT | {"BodyPartExamined": "ABDOMEN"}, "CT", "abdomen"),
    (CT | {"BodyPartExamined": "PELVIS"}, "CT", "pelvis"),
    (CT | {"BodyPartExamined": "KNEE"}, "CT", "knee"),
    (CT | {"BodyPartExamined": "SEE COMMENT"}, "CT", ""),
    (CT | {"BodyPartExamined": "?"}, "CT", ""),
    (CT | AGENT, "CT-contrast", ""),
    (CT | AGENT | {"BodyPartExamined": "ABDOMEN"}, "CT-contrast", "abdomen"),
    (CT | {"ContrastBolusAgent": "NONE"}, "CT", ""),
    (CT | {"ContrastBolusAgent": "no"}, "CT", ""),
    (CT | {"ContrastBolusAgent": "sans"}, "CT", ""),
    (CT | {"ContrastBolusAgent": "-"}, "CT", ""),
    (CT | {"ContrastBolusAgent": "0"}, "CT", ""),
    (CT | {"ContrastBolusAgent": "APPLIED"}, "CT-contrast", ""),
    (CT | {"ProtocolName": "T1 with contrast"}, "CT", ""),
    (CT | {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "CT-localizer", ""),
    (CT | AGENT | {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "CT-localizer", ""),
    (mr("SE", 500, 12), "MR-t1", ""),
    (mr("SE", 500, 12, BodyPartExamined="BRAIN"), "MR-t1", "brain"),
    (mr("SE", 500, 12, **AGENT), "MR-t1-contrast", ""),
    (mr("SE", 4000, 100), "MR-t2", ""),
    (mr("SE", 4000, 100, BodyPartExamined="LSPINE"), "MR-t2", "lumbar-spine"),
    (mr("SE", 4000, 100, **AGENT), "MR-t2-contrast", ""),
    (mr("SE", 3000, 20), "MR-pd", ""),
    (mr("SE", 3000, 20, BodyPartExamined="KNEE"), "MR-pd", "knee"),
    (mr("SE", 1200, 50), "MR", ""),
    (mr("SE", 3000, 50), "MR", ""),
    (mr("SE", 1500, 12), "MR", ""),
    (mr(["SE", "IR"], 9000, 120, 2500), "MR-flair", ""),
    (mr(["SE", "IR"], 9000, 120, 2500, **AGENT), "MR-flair-contrast", ""),
    (mr(["SE", "IR"], 5000, 60, 150), "MR-stir", ""),
    (mr(["SE", "IR"], 5000, 60, 150, BodyPartExamined="SPINE"), "MR-stir", "spine"),
    (mr(["SE", "IR"], 2000, 12, 700), "MR", ""),
    (mr(["GR", "IR"], 2300, 3, 900), "MR-t1", ""),
    (mr(["GR", "IR"], 2300, 3, 900, **AGENT), "MR-t1-contrast", ""),
    (mr(["GR", "IR"], 2300, 3, 400), "MR", ""),
    (mr("GR", 8, 3), "MR", ""),
    (mr("GR", 700, 20), "MR", ""),
    (mr("GR", 25, 4, ImageType=["ORIGINAL", "PRIMARY", "TOF"]), "MR", ""),
    (mr("EP", 3000, 80), "MR", ""),
    (mr(["SE", "EP"], 4000, 90), "MR", ""),
    (mr(["SE", "EP"], 4000, 90, DiffusionBValue=1000.0), "MR-diffusion", ""),
    (mr("EP", 4000, 90, ImageType=["ORIGINAL", "PRIMARY", "DIFFUSION"]), "MR-diffusion", ""),
    (mr("SE", 0, 0), "MR", ""),
    ({"Modality": "MR", "ProtocolName": "t2_tse"}, "MR", ""),
    ({"Modality": "MR", "SeriesDescription": "DWI"}, "MR", ""),
    (mr("GR", 8, 3, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), "MR-localizer", ""),
    (PT, "PT", ""),
    (PT | FDG, "PT-fdg", ""),
    (PT | {"RadiopharmaceuticalInformationSequence": [CODED]}, "PT-fdg", ""),
    (PT | {"RadiopharmaceuticalInformationSequence": [{"Radiopharmaceutical": "Ga-68 DOTATATE"}]}, "PT", ""),
    (PT | AGENT, "PT", ""),
    ({"Modality": "NM", "BodyPartExamined": "HEART"}, "NM", "heart"),
    ({"Modality": "XX"}, "other", ""),
    ({}, "other", ""),
)


def texts(language: str) -> dict[str, str]:
    return json.loads((FOLDER / f"archive.{language}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def said_of(said: dict[str, Any]) -> about.About:
    one = header(**said)
    kind = {"modality": said.get("Modality", ""), "image_type": one.texts("ImageType"), "labels": classic_labels(one)}
    return about.about(one, split([frame(float(n), number=n, file=n, **kind) for n in range(5)]))


@pytest.mark.parametrize(("said", "scan", "part"), HEADERS)
def test_a_header_gives_the_words_that_are_certain_and_no_others(said: dict[str, Any], scan: str, part: str):
    found = said_of(said)
    assert found.words["modality"] == f"modality.{scan}"
    assert found.words.get("part", "") == (f"part.{part}" if part else "")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("said", "scan", "part"), HEADERS)
def test_the_sentence_is_whole_in_both_languages(said: dict[str, Any], scan: str, part: str, language: str):
    there = texts(language)

    def say(name: str, **facts: Any) -> str:
        return string.Formatter().vformat(there.get(name) or there[f"{name}.other"], (), facts)

    sentence = about.sentence(said_of(said), say)
    assert sentence.startswith(there[f"modality.{scan}"]) and sentence.endswith(".")
    assert "{" not in sentence and (not part or there[f"part.{part}"] in sentence)


def test_there_are_sixty_headers():
    assert len(HEADERS) >= 60
