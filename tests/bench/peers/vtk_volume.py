"""VTK draws one scene several times: a process of its own, beside ours, for the bench and the comparison of pictures.

usage: vtk_volume.py VOLUME.npz SCENE.json PICTURE.npy REPEAT [gpu|cpu]
VOLUME.npz holds voxels[k, j, i] (real values) and spacing_mm (i, j, k) of a box whose first voxel centre is the origin.
SCENE.json holds camera, transfer, shade, step_mm, mode, window, size, light. Prints {"ms": [...], "renderer": "..."}.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import vtk  # type: ignore[import-not-found]
from vtk.util import numpy_support  # type: ignore[import-not-found]


def image_of(voxels: Any, spacing_mm: Any) -> Any:
    image = vtk.vtkImageData()
    image.SetDimensions(*voxels.shape[::-1])
    image.SetSpacing(*map(float, spacing_mm))
    scalars = numpy_support.numpy_to_vtk(np.ascontiguousarray(voxels).ravel(), deep=True)
    image.GetPointData().SetScalars(scalars)
    return image


def property_of(scene: dict[str, Any]) -> Any:
    colour, opacity = vtk.vtkColorTransferFunction(), vtk.vtkPiecewiseFunction()
    for value, red, green, blue, alpha in scene["transfer"]:
        colour.AddRGBPoint(value, red, green, blue)
        opacity.AddPoint(value, alpha)
    look = vtk.vtkVolumeProperty()
    look.SetColor(colour)
    look.SetScalarOpacity(opacity)
    look.SetScalarOpacityUnitDistance(1.0)
    look.SetInterpolationTypeToLinear()
    if scene.get("shade"):
        light = scene.get("light", {})
        look.ShadeOn()
        look.SetAmbient(light.get("ambient", 0.2))
        look.SetDiffuse(light.get("diffuse", 0.9))
        look.SetSpecular(light.get("specular", 0.2))
        look.SetSpecularPower(light.get("power", 10.0))
    return look


def mapper_of(kind: str, scene: dict[str, Any], image: Any) -> Any:
    if kind == "cpu":
        mapper = vtk.vtkFixedPointVolumeRayCastMapper()
        mapper.SetImageSampleDistance(1.0)
        mapper.SetAutoAdjustSampleDistances(0)
        mapper.SetInteractiveSampleDistance(scene["step_mm"])
    else:
        mapper = vtk.vtkOpenGLGPUVolumeRayCastMapper()
        mapper.SetAutoAdjustSampleDistances(0)
        mapper.SetUseJittering(0)
    mapper.SetSampleDistance(scene["step_mm"])
    mapper.SetInputData(image)
    if scene.get("mode") == "mip":
        mapper.SetBlendModeToMaximumIntensity()
    return mapper


def window_of(scene: dict[str, Any], volume: Any) -> Any:
    renderer = vtk.vtkRenderer()
    renderer.SetBackground(*scene.get("background", (0, 0, 0))[:3])
    renderer.AddVolume(volume)
    camera = renderer.GetActiveCamera()
    camera.SetPosition(*scene["camera"]["position"])
    camera.SetFocalPoint(*scene["camera"]["focal_point"])
    camera.SetViewUp(*scene["camera"]["view_up"])
    if scene["camera"].get("parallel_scale"):
        camera.ParallelProjectionOn()
        camera.SetParallelScale(scene["camera"]["parallel_scale"])
    else:
        camera.SetViewAngle(scene["camera"]["view_angle"])
    renderer.ResetCameraClippingRange()
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(*scene["size"])
    window.AddRenderer(renderer)
    return window


def picture_of(window: Any) -> Any:
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    grab.Update()
    image = grab.GetOutput()
    width, height, _ = image.GetDimensions()
    return numpy_support.vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1]


def main() -> None:
    volume_path, scene_path, picture_path, repeat, *kind = sys.argv[1:]
    with open(scene_path, encoding="utf-8") as file:
        scene = json.load(file)
    held = np.load(volume_path)
    volume = vtk.vtkVolume()
    volume.SetMapper(mapper_of(kind[0] if kind else "gpu", scene, image_of(held["voxels"], held["spacing_mm"])))
    volume.SetProperty(property_of(scene))
    started = time.perf_counter()
    window = window_of(scene, volume)
    window.Render()
    spent = [time.perf_counter() - started]
    for _ in range(int(repeat)):
        started = time.perf_counter()
        window.GetRenderers().GetFirstRenderer().GetActiveCamera().Modified()
        window.Render()
        window.WaitForCompletion()
        spent.append(time.perf_counter() - started)
    np.save(picture_path, picture_of(window))
    print(json.dumps({"ms": [s * 1e3 for s in spent], "renderer": window.GetClassName()}))


if __name__ == "__main__":
    main()
