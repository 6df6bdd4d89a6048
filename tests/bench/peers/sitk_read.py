"""SimpleITK's series reader, the names known."""

from typing import Any

from tests.bench.peers.serving import clocked, serve


def start() -> Any:
    import SimpleITK

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(request["paths"])
        return clocked(lambda: SimpleITK.GetArrayViewFromImage(reader.Execute()))

    return answer


if __name__ == "__main__":
    serve(start)
