"""imagecodecs alone decodes frames that lie in memory: `codec NAME OFFSET`, one thread, the CPU seconds told."""

import sys
import time
from typing import Any

from tests.bench.peers.serving import serve


def start() -> Any:
    import imagecodecs

    decode = getattr(imagecodecs, f"{sys.argv[1]}_decode")

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        frames = []
        for path, offset, length in request["frames"]:
            with open(path, "rb") as file:
                file.seek(offset)
                frames.append(file.read(length))
        started = time.thread_time()
        for frame in frames:
            decode(frame)
        return {"seconds": time.thread_time() - started}

    return answer


if __name__ == "__main__":
    serve(start)
