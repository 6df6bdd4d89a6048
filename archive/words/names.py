"""PersonName: the three groups of a DICOM name and the forms a person reads (PS3.5 6.2.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonName:
    """One person; each group is "Family^Given^Middle^Prefix^Suffix", empty where the file does not give it."""

    alphabetic: str = ""
    ideographic: str = ""
    phonetic: str = ""

    def __bool__(self) -> bool:
        return bool(self.alphabetic or self.ideographic or self.phonetic)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are there, as they stand."""
        return tuple(group for group in (self.alphabetic, self.ideographic, self.phonetic) if group)

    @property
    def forms(self) -> tuple[str, ...]:
        """The readable forms that are there: "Family Given", alphabetic first, each once."""
        return tuple(dict.fromkeys(readable(group) for group in self.groups))

    @property
    def shown(self) -> str:
        """The first readable form; empty for nobody."""
        return next(iter(self.forms), "")

    @property
    def family(self) -> str:
        return _component(self.groups, 0)

    @property
    def given(self) -> str:
        return _component(self.groups, 1)


def person_name(text: str) -> PersonName:
    """The name written as up to three groups parted by "=". Padding and empty trailing components are dropped."""
    groups = [_tidy(group) for group in text.split("=")[:3]]
    return PersonName(*groups)


def readable(group: str) -> str:
    """One group as people write it: its components parted by single spaces, in the order of the file."""
    return " ".join(group.replace("^", " ").split())


def _tidy(group: str) -> str:
    return "^".join(component.strip() for component in group.split("^")).rstrip("^")


def _component(groups: tuple[str, ...], index: int) -> str:
    for group in groups:
        components = group.split("^")
        if index < len(components) and components[index]:
            return components[index]
    return ""
