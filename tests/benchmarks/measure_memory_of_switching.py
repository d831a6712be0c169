"""Prints how much memory ten model switches leave behind: the included model in two sets of load parameters.

The switches go through ModelService, as in the window, and after each a few tokens are written, so that the memory is
really used. The process's RSS counts pages of the model's file that are mapped; they are the same before and after,
because the same parameters are loaded then.

Run: python -m tests.benchmarks.measure_memory_of_switching [--switches 10]
"""

import argparse
import gc
import time
from dataclasses import replace

import psutil

from app.bootstrap import Application, Options, assemble
from app.core.cancel import CancelToken
from app.core.generation import SamplingParameters
from app.core.model import FlashAttention, KvCacheType, LoadParameters, Speculation
from tests.benchmarks.interleaved import in_words
from tests.included import INCLUDED_MODEL

_PLAIN = LoadParameters(INCLUDED_MODEL, speculation=Speculation.OFF, flash_attention=FlashAttention.OFF)
_OTHER = replace(_PLAIN, context_length=8192, kv_cache_type=KvCacheType.Q8_0, flash_attention=FlashAttention.ON)
_WARM_UP = 4  # switches before the first figure: what a library keeps for its own use is taken then


def main() -> None:
    """Print the RSS before and after, with each set of parameters, and the growth for each switch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--switches", type=int, default=10)
    switches = parser.parse_args().switches
    application = assemble(Options(temp_profile=True))
    megabytes: list[float] = []
    seconds: list[float] = []
    for number in range(_WARM_UP + switches + 1):
        started = time.perf_counter()
        _switch(application, _OTHER if number % 2 else _PLAIN)
        seconds.append(time.perf_counter() - started)
        gc.collect()
        megabytes.append(psutil.Process().memory_info().rss / 1e6)
    application.models.unload()
    unloaded = psutil.Process().memory_info().rss / 1e6
    application.close()
    counted = megabytes[_WARM_UP:]
    print(f"after each switch, MB: {', '.join(f'{value:.1f}' for value in megabytes)}")
    for name, first in (("a context of 4,096 in f16", 0), ("a context of 8,192 in q8_0", 1)):
        print(f"with {name}: {in_words(counted[first::2], ' MB')}")
    growth = counted[-1 if switches % 2 == 0 else -2] - counted[0]
    print(f"before {switches} switches {counted[0]:.1f} MB, after them {counted[0] + growth:.1f} MB")
    print(f"growth for each switch: {growth / switches:.2f} MB; without a model {unloaded:.1f} MB")
    print(f"a switch with its few tokens: {in_words(seconds[_WARM_UP:], ' s', 2)}")


def _switch(application: Application, parameters: LoadParameters) -> None:
    application.models.load(None, CancelToken(), lambda _: None, parameters)
    sampling = SamplingParameters(temperature=0.0, max_tokens=8)
    for _ in application.chat.send("Tell me about the sea.", CancelToken(), sampling=sampling):
        pass


if __name__ == "__main__":
    main()
