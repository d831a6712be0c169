"""Compares the speed of prompt processing: the engine's, bare llama_decode's and llama_cpp.Llama's.

Bare llama_decode works in batches of 512 on a second context of the engine's own model with the same settings, and
llama_cpp.Llama reads with Llama.eval. The three read by turns, 512 tokens each, so that a busy moment of the machine
hits all of them; every prompt is read from nothing. Prompts of up to 1,024 tokens are read in twice as many rounds.

Run: python -m tests.benchmarks.measure_reading [--rounds 3] [--tokens 512 2048]
"""

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.model import FlashAttention, Speculation
from app.engine.instance import ModelInstance
from app.engine.llama import LlamaEngine
from tests.benchmarks.interleaved import by_turns, in_words, print_table, ratios
from tests.benchmarks.plain_llama import BareContext, LlamaClass, instance_of
from tests.included import included_parameters

_OURS, _BARE, _CLASS = "the engine", "bare llama_decode", "llama_cpp.Llama"
_SHORT = 1024
_PLAIN_TEXT = range(1000, 40_000)  # tokens of words, in the included model's vocabulary


def main() -> None:
    """Print the median rate of each for each length, and the median ratio of the engine's to it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, nargs="+", default=[512, 2048])
    parser.add_argument("--threads", type=int, help="as the engine chooses")
    parser.add_argument("--flash-attention", choices=[*FlashAttention], default="auto")
    parser.add_argument("--speculation", choices=[*Speculation], default="off")
    arguments = parser.parse_args()
    parameters = replace(
        included_parameters(),
        threads=arguments.threads,
        flash_attention=FlashAttention(arguments.flash_attention),
        speculation=Speculation(arguments.speculation),
    )
    engine = LlamaEngine()
    engine.load(parameters, CancelToken(), lambda _: None)
    instance = instance_of(engine)
    bare, plain = BareContext(instance), LlamaClass(instance.load)
    load = instance.load
    print(f"{load.threads} threads, flash attention {load.flash_attention}, {arguments.rounds} rounds", flush=True)
    rows = []
    for count in arguments.tokens:
        rounds = arguments.rounds if count > _SHORT else 2 * arguments.rounds
        for name, rates in _rates(instance, bare, plain, count, rounds).items():
            if name == _OURS:
                ours = rates
            compared = "" if name == _OURS else in_words(ratios(ours, rates), digits=3)
            rows.append([str(count), name, in_words(rates, digits=0), compared])
    plain.close()
    bare.close()
    engine.unload()
    print_table(["tokens", "who reads", "tokens/s", "the engine / it"], rows)


def _rates(
    instance: ModelInstance, bare: BareContext, plain: LlamaClass, count: int, rounds: int
) -> dict[str, list[float]]:
    """Each one's tokens per second in each round, the engine's first; one round before is not counted."""
    rates: dict[str, list[float]] = {_OURS: [], _BARE: [], _CLASS: []}
    for number in range(-1, rounds):
        prompt = random.Random(number).choices(_PLAIN_TEXT, k=count)
        bare.clear()
        works: dict[str, Iterator[object]] = {
            _OURS: _begun(_read(instance, prompt)),
            _BARE: _begun(bare.read(prompt)),
            _CLASS: _begun(plain.read(prompt)),
        }
        for name, taken in by_turns(works, 1, reverse=number % 2 == 1).items():
            if number >= 0:
                rates[name].append(count / taken)
    return rates


def _read(instance: ModelInstance, prompt: Sequence[int]) -> Iterator[int]:
    instance.live.clear()
    return instance.live.read(prompt, CancelToken())


def _begun(work: Iterator[object]) -> Iterator[object]:
    """The work behind an item that costs nothing: by_turns does not count the first."""
    return itertools.chain((0,), work)


if __name__ == "__main__":
    main()
