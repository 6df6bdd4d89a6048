"""VTK's vtkImageReslice makes planes of a volume: `vtk_reslice VOXELS.npy SPACING`; requests as for our_volume's edits."""

import sys
from typing import Any

import numpy as np

from tests.bench.peers.serving import clocked, serve

SLAB_SAMPLES = 20
NORMALS = {"axial": (0.0, 0.0, 1.0), "slab": (0.0, 0.0, 1.0), "oblique": (0.36, 0.48, 0.8)}


def start() -> Any:
    import vtk
    from vtk.util import numpy_support

    voxels = np.ascontiguousarray(np.load(sys.argv[1]))
    spacing = [float(v) for v in sys.argv[2].split(",")]
    image = vtk.vtkImageData()
    image.SetDimensions(*voxels.shape[::-1])
    image.SetSpacing(*spacing)
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels.ravel()))
    planes = {name: reslice(vtk, image, name, normal) for name, normal in NORMALS.items()}
    count = 0

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += 1
        plane, axes, middle = planes[request["edit"]]
        for row, value in enumerate(middle + np.array(NORMALS[request["edit"]]) * 0.37 * (1 + count % 20)):
            axes.SetElement(row, 3, value)
        plane.Modified()
        return clocked(plane.Update)

    answer.held = voxels  # type: ignore[attr-defined]
    return answer


def reslice(vtk: Any, image: Any, name: str, normal: Any) -> tuple[Any, Any, Any]:
    """The filter for 512 x 512 pixels over the whole volume, its axes, and the volume's middle in mm."""
    size = np.array(image.GetDimensions()) - 1
    middle = size * image.GetSpacing() / 2
    pixel_mm = max(size * image.GetSpacing()) / 511
    right = np.cross(normal, (0.0, 1.0, 0.0)) * -1
    right = right / np.linalg.norm(right)
    axes = vtk.vtkMatrix4x4()
    for row in range(3):
        for column, vector in enumerate((right, np.cross(normal, right), normal)):
            axes.SetElement(row, column, vector[row])
    plane = vtk.vtkImageReslice()
    plane.SetInputData(image)
    plane.SetResliceAxes(axes)
    plane.SetOutputDimensionality(2)
    plane.SetInterpolationModeToLinear()
    plane.SetOutputSpacing(pixel_mm, pixel_mm, 1.0)
    plane.SetOutputExtent(0, 511, 0, 511, 0, 0)
    plane.SetOutputOrigin(-255.5 * pixel_mm, -255.5 * pixel_mm, 0)
    if name == "slab":
        plane.SetSlabNumberOfSlices(SLAB_SAMPLES)
        plane.SetSlabModeToMax()
    return plane, axes, middle


if __name__ == "__main__":
    serve(start)
