"""VTK draws 3D scenes with its GPU or its CPU mapper: `vtk_volume VOXELS.npy SPACING gpu|cpu`.

VOXELS holds real values [k, j, i]; SPACING is "i,j,k" in mm; the first voxel's centre is the origin. A request holds a
scene (see bench.scenes) and perhaps `picture`, the .npy to write.
"""

import sys
from typing import Any

import numpy as np

from tests.bench.peers.serving import clocked, serve


def start() -> Any:
    import vtk

    stage = Stage(vtk, *sys.argv[1:])
    return stage.answer


class Stage:
    """One volume in one window."""

    def __init__(self, vtk: Any, voxels: str, spacing: str, kind: str) -> None:
        self.vtk, self.kind = vtk, kind
        self.image = self._image(np.load(voxels), [float(v) for v in spacing.split(",")])
        self.window: Any = None
        self.shown: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Draw the scene; a scene that is new is set up outside the clock, unless it is the first one."""
        scene = request["scene"]
        if self.window is None:
            first = clocked(lambda: self._show(scene))
            return {**first, "renderer": self._renderer()}
        if scene != self.shown:
            self._show(scene)
        spent = clocked(self._draw)
        if request.get("picture"):
            np.save(request["picture"], self._picture())
        return spent

    def _show(self, scene: dict[str, Any]) -> None:
        if self.window is None:
            self.window, self.volume = self._opened(), self.vtk.vtkVolume()
            self.renderer.AddVolume(self.volume)
            self.mapper = self._mapper(scene["step_mm"])
            self.volume.SetMapper(self.mapper)
        self.window.SetSize(*scene["size"])
        self.volume.SetProperty(self._property(scene))
        is_mip = scene["mode"] == "mip"
        (self.mapper.SetBlendModeToMaximumIntensity if is_mip else self.mapper.SetBlendModeToComposite)()
        camera = self.renderer.GetActiveCamera()
        camera.SetPosition(*scene["camera"]["position"])
        camera.SetFocalPoint(*scene["camera"]["focal_point"])
        camera.SetViewUp(*scene["camera"]["view_up"])
        camera.SetViewAngle(scene["camera"]["view_angle"])
        self.renderer.ResetCameraClippingRange()
        self.shown = scene
        self._draw()

    def _draw(self) -> None:
        self.renderer.GetActiveCamera().Modified()
        self.window.Render()
        self.window.WaitForCompletion()

    def _image(self, voxels: Any, spacing_mm: list[float]) -> Any:
        from vtk.util import numpy_support

        image = self.vtk.vtkImageData()
        image.SetDimensions(*voxels.shape[::-1])
        image.SetSpacing(*spacing_mm)
        self.held = np.ascontiguousarray(voxels)
        image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(self.held.ravel()))
        return image

    def _opened(self) -> Any:
        self.renderer = self.vtk.vtkRenderer()
        window = self.vtk.vtkRenderWindow()
        window.SetOffScreenRendering(1)
        window.SetMultiSamples(0)
        window.AddRenderer(self.renderer)
        return window

    def _mapper(self, step_mm: float) -> Any:
        if self.kind == "cpu":
            mapper = self.vtk.vtkFixedPointVolumeRayCastMapper()
            mapper.SetImageSampleDistance(1.0)
            mapper.SetInteractiveSampleDistance(step_mm)
        else:
            mapper = self.vtk.vtkOpenGLGPUVolumeRayCastMapper()
            mapper.SetUseJittering(0)
        mapper.SetAutoAdjustSampleDistances(0)
        mapper.SetSampleDistance(step_mm)
        mapper.SetInputData(self.image)
        return mapper

    def _property(self, scene: dict[str, Any]) -> Any:
        colour, opacity = self.vtk.vtkColorTransferFunction(), self.vtk.vtkPiecewiseFunction()
        for value, red, green, blue, alpha in scene["transfer"]:
            colour.AddRGBPoint(value, red, green, blue)
            opacity.AddPoint(value, alpha)
        look = self.vtk.vtkVolumeProperty()
        look.SetColor(colour)
        look.SetScalarOpacity(opacity)
        look.SetScalarOpacityUnitDistance(1.0)
        look.SetInterpolationTypeToLinear()
        if scene["shade"]:
            look.ShadeOn()
            look.SetAmbient(scene["shade"]["ambient"])
            look.SetDiffuse(scene["shade"]["diffuse"])
            look.SetSpecular(scene["shade"]["specular"])
            look.SetSpecularPower(scene["shade"]["power"])
        return look

    def _picture(self) -> Any:
        """Pixels [rows, columns, 3]."""
        from vtk.util import numpy_support

        grab = self.vtk.vtkWindowToImageFilter()
        grab.SetInput(self.window)
        grab.ReadFrontBufferOff()
        grab.Update()
        image = grab.GetOutput()
        width, height, _ = image.GetDimensions()
        return numpy_support.vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1]

    def _renderer(self) -> str:
        said = [line for line in self.window.ReportCapabilities().splitlines() if "renderer string" in line]
        return said[0].split(":", 1)[1].strip() if said else self.window.GetClassName()


if __name__ == "__main__":
    serve(start)
