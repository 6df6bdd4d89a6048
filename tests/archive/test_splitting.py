"""How frames become stacks: what separates, what makes a fourth dimension, and that the order of files is nothing."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from make.series import frame, frames

from archive.stack import FrameRecord, Split
from archive.volumes.splitting import split


def shapes(found: Split) -> list[tuple[str, int, int, str]]:
    return [(stack.kind, stack.slices, stack.times, stack.verdict.code) for stack in found.stacks]


def counted(found: Split) -> int:
    used = sum(one is not None for stack in found.stacks for volume in stack.frames for one in volume)
    return used + sum(item.count for item in found.left_out)


def labelled(depths: list[float], **labels: list[object]) -> list[FrameRecord]:
    """For each set of label values one frame at every depth, numbered volume by volume."""
    names = list(labels)
    found = []
    for time, values in enumerate(zip(*labels.values(), strict=True)):
        for k, depth in enumerate(depths):
            number = time * len(depths) + k
            found.append(
                frame(
                    depth,
                    file=number,
                    number=number + 1,
                    name_order=number,
                    labels=tuple(zip(names, values, strict=True)),
                )
            )
    return found


def test_slices_at_equal_steps_are_one_regular_volume():
    assert shapes(split(frames([0, 2, 4, 6]))) == [("volume", 4, 1, "regular")]


def test_instance_numbers_do_not_order_slices():
    reversed_numbers = [replace(one, number=100 - n) for n, one in enumerate(frames([0, 1, 2]))]
    stack = split(reversed_numbers).stacks[0]
    assert [one.position_patient_mm[2] for one in stack.frames[0] if one and one.position_patient_mm] == [0, 1, 2]


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.integers(2, 12), st.integers(1, 3))
def test_the_order_of_files_changes_nothing(mixer: random.Random, slices: int, times: int):
    given_frames = labelled([2.5 * k for k in range(slices)], EchoTime=[10.0 * t for t in range(times)])
    shuffled = list(given_frames)
    mixer.shuffle(shuffled)
    assert split(shuffled) == split(given_frames)


def test_coincident_positions_become_times_by_the_label_that_tells_them_apart():
    stack = split(labelled([0, 3, 6], EchoTime=[4.6, 2.3], AcquisitionNumber=[1, 1])).stacks[0]
    assert (stack.slices, stack.times) == (3, 2)
    assert stack.dimension is not None
    assert (stack.dimension.name, stack.dimension.values) == ("EchoTime", (2.3, 4.6))


def test_a_label_that_differs_from_slice_to_slice_is_no_dimension():
    found = labelled([0, 3, 6], TemporalPositionIdentifier=[1, 2])
    noisy = [replace(one, labels=(("TriggerTime", float(n)), *one.labels)) for n, one in enumerate(found)]
    dimension = split(noisy).stacks[0].dimension
    assert dimension is not None
    assert dimension.name == "TemporalPositionIdentifier"


def test_two_labels_together_can_make_a_dimension():
    stack = split(
        labelled([0, 1], DiffusionBValue=[0, 1000, 1000], DiffusionGradientOrientation=["a", "a", "b"])
    ).stacks[0]
    assert stack.times == 3
    assert stack.dimension is not None
    assert stack.dimension.name == "DiffusionBValue+DiffusionGradientOrientation"


def test_without_any_label_volumes_follow_the_recorded_order():
    stack = split(labelled([0, 5, 10], ImageType=["same", "same"])).stacks[0]
    assert stack.dimension is not None
    assert (stack.times, stack.dimension.name) == (2, "recorded-order")
    assert [volume[0].number for volume in stack.frames if volume[0]] == [1, 4]


def test_an_aborted_repetition_is_listed_and_not_hidden():
    whole = labelled([0, 1, 2, 3], TemporalPositionIdentifier=[1, 2, 3])
    found = split(whole[:-2])
    assert shapes(found) == [("volume", 4, 2, "duplicate"), ("volume", 2, 1, "regular")]
    assert counted(found) == len(whole) - 2


def test_magnitude_and_phase_are_stacks_of_their_own():
    parts = [frames([0, 1, 2], modality="MR", image_type=("ORIGINAL", "PRIMARY", part)) for part in ("M", "P")]
    assert [stack.title[0] for stack in split([*parts[0], *parts[1]]).stacks] == ["magnitude", "phase"]


def test_a_localizer_in_two_directions_is_shown_flat():
    sagittal = frames([0, 1, 2], orientation=(0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    sagittal = [replace(one, position_patient_mm=(float(n), 0.0, 0.0)) for n, one in enumerate(sagittal)]
    found = split([*frames([0, 1, 2]), *sagittal])
    assert [(stack.kind, stack.title) for stack in found.stacks] == [
        ("frames", ("localizer", "axial")),
        ("frames", ("localizer", "sagittal")),
    ]


def test_another_matrix_is_another_stack():
    assert shapes(split([*frames([0, 1, 2]), frame(9.0, rows=24, columns=24)])) == [
        ("volume", 3, 1, "regular"),
        ("image", 1, 1, "single"),
    ]


def test_frames_without_positions_are_kept_in_order_and_called_none():
    flat = frames([0, 1, 2], position_patient_mm=None, orientation=None)
    assert shapes(split(flat)) == [("frames", 3, 1, "none")]


def test_many_images_of_one_plane_are_a_cine_and_no_volume():
    assert shapes(split(frames([5, 5, 5, 5]))) == [("frames", 4, 1, "single")]


def test_colour_never_makes_a_volume():
    assert shapes(split(frames([0, 1, 2], samples=3, photometric="RGB")))[0][0] == "frames"


def test_an_object_without_rows_is_a_document():
    assert shapes(split([frame(rows=0, columns=0)])) == [("document", 1, 1, "none")]


def test_an_image_without_pixels_is_left_out_and_counted():
    found = split([*frames([0, 1]), frame(9.0, bits_allocated=0)])
    assert [(item.code, item.count) for item in found.left_out] == [("no-pixels", 1)]


def test_a_frame_of_reference_for_every_image_separates_nothing():
    """Seen in a Philips CT after it was made anonymous: 84 images, 84 frames of reference, and one copied twice."""
    own = [replace(one, frame_of_reference=str(n // 2 if n < 2 else n)) for n, one in enumerate(frames(range(10)))]
    assert shapes(split(own)) == [("volume", 10, 1, "regular")]


def test_two_frames_of_reference_are_two_stacks():
    there = frames([0, 1, 2], frame_of_reference="a") + frames([0, 1, 2], frame_of_reference="b")
    assert len(split(there).stacks) == 2


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.booleans()), min_size=1, max_size=24))
def test_every_frame_is_in_one_stack_or_counted(chosen: list[tuple[int, int, bool]]):
    there = [
        frame(float(depth), file=n, number=n, name_order=n, rows=16 + matrix, bits_allocated=16 if whole else 0)
        for n, (depth, matrix, whole) in enumerate(chosen)
    ]
    assert counted(split(there)) == len(there)
