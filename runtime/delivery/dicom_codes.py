"""Codes of what a model tells apart: SNOMED CT where a class has a name of the field, else a code of this program."""

from __future__ import annotations

import hashlib

from highdicom.sr import CodedConcept

SCHEME = "99NETLOOM"
MAKER = "Netloom"
NOTICE = "Research use only"

ANATOMY = CodedConcept("91723000", "SCT", "Anatomical structure")
_ABNORMAL = CodedConcept("49755003", "SCT", "Morphologically abnormal structure")
# Each is a code of the standard's dictionaries (pydicom.sr.codedict); a class without one there gets a code of our own.
_ANATOMICAL = {
    "left ventricle": "87878005", "right ventricle": "53085002", "left ventricle myocardium": "49848007",
    "heart": "80891009",
    "lung": "39607008", "liver": "10200004", "kidney": "64033007", "spleen": "78961009", "pancreas": "15776009",
    "brain": "12738006", "prostate": "41216001", "bladder": "89837001", "aorta": "15825003", "bone": "272673000",
}  # fmt: skip
_SHORT = {"lv": "left ventricle", "rv": "right ventricle"}
_MORPHOLOGICAL = {"lesion": "52988006", "tumor": "108369006", "tumour": "108369006", "mass": "4147007"}


def own(name: str) -> CodedConcept:
    """A code of this program for a name: the same name has the same code everywhere."""
    return CodedConcept(hashlib.sha256(name.encode("utf-8")).hexdigest()[:12].upper(), SCHEME, name[:64] or "unnamed")


def category_and_type(name: str) -> tuple[CodedConcept, CodedConcept]:
    """Segmented property category and type of a class (DICOM PS3.16, CID 7150 and 7151)."""
    plain = name.casefold().replace("_", " ").replace("-", " ").strip()
    plain = _SHORT.get(plain, plain)
    if plain in _ANATOMICAL:
        return ANATOMY, CodedConcept(_ANATOMICAL[plain], "SCT", plain.capitalize())
    if plain in _MORPHOLOGICAL:
        return _ABNORMAL, CodedConcept(_MORPHOLOGICAL[plain], "SCT", plain.capitalize())
    return ANATOMY, own(name)
