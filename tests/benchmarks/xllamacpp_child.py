"""A process of its own for xllamacpp, because two builds of llama.cpp in one might clash; speaks JSON lines.

It is run by measure_engine with a folder that holds xllamacpp, the model's file, the chat template's file, the context
length and the number of threads. For each request {"body": …} on its standard input, it answers {"seconds": …,
"finish": …} from the first chunk with text to the last.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Load the model, say so, and answer requests until the input ends."""
    folder, model, template, length, threads = sys.argv[1:]
    # llama.cpp's server may log to standard output: what we say goes to a descriptor of its own.
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, folder)
    library: Any = importlib.import_module("xllamacpp")
    parameters = library.CommonParams()
    parameters.model.path = model
    parameters.chat_template = Path(template).read_text(encoding="utf-8")
    parameters.n_ctx = int(length)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(threads)
    parameters.verbosity = 0
    server = library.Server(parameters)
    _tell(told, {"ready": library.__version__})
    for line in sys.stdin:
        _tell(told, _answered(server, json.loads(line)["body"]))


def _answered(server: Any, body: dict[str, object]) -> dict[str, object]:
    arrived: list[float] = []
    finish: list[str] = []

    def on_chunk(chunk: dict[str, Any]) -> bool:
        if "choices" not in chunk:
            sys.exit(f"xllamacpp: {chunk}")
        for choice in chunk["choices"]:
            if choice["delta"].get("content"):
                arrived.append(time.perf_counter())
            if choice["finish_reason"]:
                finish.append(choice["finish_reason"])
        return False

    server.handle_chat_completions(body, on_chunk)
    return {"seconds": arrived[-1] - arrived[0], "finish": finish[-1], "chunks": len(arrived)}


def _tell(told: Any, answer: dict[str, object]) -> None:
    told.write(json.dumps(answer) + "\n")
    told.flush()


if __name__ == "__main__":
    main()
