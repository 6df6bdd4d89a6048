"""OpenSeries: the images of one series, unpacked while an import adds to them, and written back by parts."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from archive.index.engine import Engine
from archive.index.packing import pack_instances, unpack_instances
from archive.index.packing_headers import pack_headers, unpack_headers
from archive.index.records import Instance, Location
from archive.intake.header import Header

PART = 256  # images in one part: adding rewrites the last part alone
_KEPT_PARTS = 4  # whose headers stay in memory until the stacks are made


@dataclass(eq=False)
class _Part:
    """Some images of a series; headers are None until they are needed."""

    instances: list[Instance]
    headers: list[Header] | None = None
    images_changed: bool = False
    headers_changed: bool = False


@dataclass(eq=False)
class OpenSeries:
    """One series while an import adds to it. Nothing is written before save()."""

    row: int
    study: int
    parts: list[_Part] = field(default_factory=list)
    emptied: bool = False  # images went away: parts have to be counted anew
    _engine: Engine | None = None

    @classmethod
    def load(cls, engine: Engine, row: int) -> "OpenSeries":
        found = engine.row("series_by_id", row_id=row)
        assert found is not None
        parts = [_Part(unpack_instances(part["instances"])) for part in engine.rows("part_instances", series=row)]
        return cls(row, found["study"], parts, _engine=engine)

    @property
    def changed(self) -> bool:
        return self.emptied or any(part.images_changed for part in self.parts)

    @cached_property
    def _places(self) -> dict[str, list[tuple[int, int]]]:
        """Identity of an image -> (part, index) of those that have it."""
        places: dict[str, list[tuple[int, int]]] = {}
        for number, part in enumerate(self.parts):
            for index, image in enumerate(part.instances):
                places.setdefault(_identity(image), []).append((number, index))
        return places

    def of_uid(self, image: Instance) -> list[Instance]:
        """The images that have this one's SOPInstanceUID."""
        return [self.parts[number].instances[index] for number, index in self._places.get(_identity(image), ())]

    def append(self, image: Instance, header: Header) -> None:
        if not self.parts or len(self.parts[-1].instances) >= PART:
            self.parts.append(_Part([], []))
        part = self.parts[-1]
        self._headers(len(self.parts) - 1).append(header)
        part.instances.append(image)
        part.images_changed = part.headers_changed = True
        place = (len(self.parts) - 1, len(part.instances) - 1)
        places = self._places.setdefault(_identity(image), [])
        if place not in places:
            places.append(place)

    def add_location(self, twin: Instance, location: Location) -> None:
        """Another copy of an image lies there."""
        for number, index in self._places[_identity(twin)]:
            if self.parts[number].instances[index] is twin:
                if not any(_same_place(location, at) for at in twin.locations):
                    self._set(number, index, replace(twin, locations=(*twin.locations, location)))
                return

    def replace(self, image: Instance, header: Header) -> bool:
        """The file of an image changed and still is that image: its record follows. False: it is another image now."""
        location = image.locations[0]
        for number, index in self._places.get(_identity(image), ()):
            old = self.parts[number].instances[index]
            others = tuple(at for at in old.locations if not _same_place(at, location))
            if len(others) == len(old.locations) or (others and old.digest != image.digest):
                continue
            self._set(number, index, replace(image, locations=(location, *others)))
            self._headers(number)[index] = header
            self.parts[number].headers_changed = True
            return True
        return False

    def drop_location(self, location: Location) -> bool:
        """Forget that a copy lies there; an image whose last copy it was is no more. Whether anything was there."""
        for number, part in enumerate(self.parts):
            for index, image in enumerate(part.instances):
                others = tuple(at for at in image.locations if not _same_place(at, location))
                if len(others) == len(image.locations):
                    continue
                if others:
                    self._set(number, index, replace(image, locations=others))
                else:
                    self._remove(number, index)
                return True
        return False

    def save(self, engine: Engine) -> None:
        """Write the parts that changed, and the counts."""
        if self.emptied:
            engine.run("drop_parts", series=self.row)
        for number, part in enumerate(self.parts):
            if part.headers_changed or self.emptied:
                headers = pack_headers(self._headers(number))
                engine.run(
                    "keep_part",
                    series=self.row,
                    number=number,
                    instances=pack_instances(part.instances),
                    headers=headers,
                )
            elif part.images_changed:
                instances = pack_instances(part.instances)
                engine.run("keep_part_instances", row_series=self.row, row_number=number, instances=instances)
            part.images_changed = part.headers_changed = False
            if number < len(self.parts) - _KEPT_PARTS:
                part.headers = None  # only the last part grows
        self.emptied = False
        images = [image for part in self.parts for image in part.instances]
        count_removable(engine, self.row, images)
        engine.run(
            "count_series",
            row_id=self.row,
            n_instances=len(images),
            n_frames=sum(image.frames for image in images),
            n_files=sum(len(image.locations) for image in images),
            bytes=sum(image.locations[0].size for image in images),
        )

    def whole(self) -> tuple[list[Header], list[Instance]] | None:
        """Every header and image, where all headers are still in memory; they are let go, but for those that grow."""
        headers = [part.headers for part in self.parts]
        if None in headers:
            return None
        for part in self.parts[:-1]:
            part.headers = None
        images = [image for part in self.parts for image in part.instances]
        return [header for some in headers for header in some or ()], images

    def _set(self, number: int, index: int, image: Instance) -> None:
        self.parts[number].instances[index] = image
        self.parts[number].images_changed = True

    def _remove(self, number: int, index: int) -> None:
        for other in range(len(self.parts)):
            self._headers(other)  # before their rows go
        del self.parts[number].instances[index]
        del self._headers(number)[index]
        self.parts = [part for part in self.parts if part.instances]
        self.emptied = True
        self.__dict__.pop("_places", None)

    def _headers(self, number: int) -> list[Header]:
        part = self.parts[number]
        if part.headers is None:
            assert self._engine is not None
            row = self._engine.row("part", series=self.row, number=number)
            assert row is not None
            part.headers = unpack_headers(row["headers"])
        return part.headers


def count_removable(engine: Engine, series: int, images: Iterable[Instance]) -> None:
    """How many images would be gone with a disc or stick: those without a copy anywhere else."""
    removable = {row["id"] for row in engine.rows("folders_removable")}
    count = sum(all(at.folder in removable for at in image.locations) for image in images) if removable else 0
    engine.run("count_removable", row_id=series, n_removable=count)


def _identity(image: Instance) -> str:
    """What says that two files are one image; without a UID, the content does."""
    return image.sop_instance_uid or image.digest.hex()


def _same_place(one: Location, other: Location) -> bool:
    return (one.folder, one.name, one.member) == (other.folder, other.name, other.member)
