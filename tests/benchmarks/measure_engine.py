"""Compares the speed of writing: the engine's iterator, bare llama_decode, llama_cpp.Llama and xllamacpp.

The engine samples as the catalogue recommends for the included model, and so do llama_cpp.Llama and xllamacpp; bare
llama_decode takes the likeliest token with numpy's argmax, on a second context of the engine's own model with the same
settings. All get the same prompt. A rate is (n - 1) / (last - first) by the clock of whoever reads the pieces.

All write equally many tokens: in this process the question whether a token ends the answer is still asked of the
library, but the answer is always no (see never_end); xllamacpp has its own option for it. The first three write by
turns, sixteen pieces each, so that a busy moment of the machine hits all of them. xllamacpp runs in a process of its
own (two builds of llama.cpp in one might clash) and writes a whole answer beside a whole one of the engine, each first
in every other round; its own settings are left as they are. It is no dependency: install it anywhere, for example with
`pip install --target FOLDER xllamacpp`. Its wheels are built without AMX code, which crashes on some machines.

Run: python -m tests.benchmarks.measure_engine [--tokens 128] [--rounds 9] [--xllamacpp FOLDER]
and for long answers: python -m tests.benchmarks.measure_engine --tokens 1000 --rounds 3
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk, Finished, SamplingParameters
from app.core.model import FlashAttention, LoadParameters, Speculation
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from tests.benchmarks.interleaved import Seconds, by_turns, in_words, print_table, ratios
from tests.benchmarks.plain_llama import BareContext, LlamaClass, instance_of, never_end
from tests.included import catalog, included_parameters

QUESTION = "Tell me a very long story about the sea, the ships and the people who live by the water."
_SLICE = 16
_WARM_UP = 48  # tokens that are written before what counts, so that file cache and processor are warm
_OURS, _BARE, _CLASS, _PEER = "the engine", "bare llama_decode", "llama_cpp.Llama", "xllamacpp"
_OTHERS = (_BARE, _CLASS)


@dataclass
class Peer:
    """xllamacpp in its process."""

    process: "subprocess.Popen[str]"
    rates: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)  # the engine's rates in the same rounds

    @classmethod
    def start(cls, folder: Path, load: LoadParameters) -> "Peer":
        """Start it and wait until the model is loaded; ends the program when it dies, as some builds do with AMX."""
        assert load.chat_template is not None
        with tempfile.TemporaryDirectory() as scratch:
            template = Path(scratch) / "template.jinja"
            template.write_text(load.chat_template, encoding="utf-8")
            options = (folder, load.path, template, load.context_length, load.threads)
            command = [sys.executable, "-m", "tests.benchmarks.xllamacpp_child", *map(str, options)]
            made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            peer = cls(made)
            print(f"xllamacpp {peer._told()['ready']} in process {made.pid}", flush=True)
        return peer

    def write(self, sampling: SamplingParameters) -> float:
        """Tokens per second of one answer."""
        body = {
            "messages": [{"role": "user", "content": QUESTION}],
            "stream": True,
            "temperature": sampling.temperature,
            "top_k": sampling.top_k,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
            "repeat_penalty": sampling.repeat_penalty,
            "seed": sampling.seed,
            "max_tokens": sampling.max_tokens,
            "ignore_eos": True,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"body": body}) + "\n")
        self.process.stdin.flush()
        answer = self._told()
        if answer["finish"] != "length":
            sys.exit("An answer of xllamacpp ended too early to be compared.")
        return _rate(sampling, float(str(answer["seconds"])))

    def close(self) -> None:
        """End the process."""
        self.process.communicate(timeout=60)

    def _told(self) -> dict[str, object]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"xllamacpp ended with code {self.process.wait()}; its messages are above.")
        told: dict[str, object] = json.loads(line)
        return told


class Comparison:
    """The engine with the included model, and the others beside it."""

    def __init__(self, parameters: LoadParameters) -> None:
        self._engine = LlamaEngine()
        self._engine.load(parameters, CancelToken(), lambda _: None)
        instance = instance_of(self._engine)
        self.load = instance.load
        self._prompt = instance.prompt((PromptMessage(Role.USER, QUESTION),), None, continues=False)[1]
        self._bare = BareContext(instance)
        self._class = LlamaClass(self.load)

    def close(self) -> None:
        """Free everything."""
        self._class.close()
        self._bare.close()
        self._engine.unload()

    def round(self, number: int, tokens: int) -> Seconds:
        """One answer of each of the three, by turns."""
        sampling = _sampling(number, tokens)
        works: dict[str, Iterator[object]] = {
            _OURS: self._written(sampling),
            _BARE: self._bare.write(self._prompt, tokens),
            _CLASS: self._class.write(QUESTION, sampling),
        }
        return by_turns(works, _SLICE, reverse=number % 2 == 1)

    def beside(self, peer: Peer, number: int, tokens: int) -> tuple[float, float]:
        """The rates of a whole answer of the engine and of one of the peer."""
        sampling = _sampling(number, tokens)
        if number % 2 == 1:
            theirs = peer.write(sampling)
            return self._alone(sampling), theirs
        return self._alone(sampling), peer.write(sampling)

    def _alone(self, sampling: SamplingParameters) -> float:
        return _rate(sampling, by_turns({_OURS: self._written(sampling)}, _SLICE)[_OURS])

    def _written(self, sampling: SamplingParameters) -> Iterator[Chunk]:
        request = GenerationRequest((PromptMessage(Role.USER, QUESTION),), sampling)
        for event in self._engine.generate(request, CancelToken()):
            if isinstance(event, Chunk):
                yield event
            if isinstance(event, Finished) and event.statistics.completion_tokens != sampling.max_tokens:
                sys.exit("An answer of the engine ended too early to be compared.")


def main() -> None:
    """Print the median rate of each, and the median ratio of the engine's to it."""
    arguments = _arguments()
    parameters = replace(
        included_parameters(),
        threads=arguments.threads,
        flash_attention=FlashAttention(arguments.flash_attention),
        speculation=Speculation(arguments.speculation),
    )
    comparison = Comparison(parameters)
    never_end()
    load = comparison.load
    print(
        f"{arguments.tokens} tokens, {load.threads} threads, context {load.context_length}, flash attention "
        f"{load.flash_attention}, speculation {load.speculation}, {arguments.rounds} rounds"
    )
    peer = Peer.start(arguments.xllamacpp, load) if arguments.xllamacpp else None
    rates: dict[str, list[float]] = {name: [] for name in (_OURS, *_OTHERS)}
    comparison.round(0, _WARM_UP)
    for number in range(arguments.rounds):
        for name, taken in comparison.round(number, arguments.tokens).items():
            rates[name].append((arguments.tokens - 1) / taken)
        if peer:
            if number == 0:
                comparison.beside(peer, number, _WARM_UP)
            ours, theirs = comparison.beside(peer, number, arguments.tokens)
            peer.beside.append(ours)
            peer.rates.append(theirs)
    comparison.close()
    if peer:
        peer.close()
    rows = [[_OURS, in_words(rates[_OURS]), ""]]
    rows += [[name, in_words(rates[name]), in_words(ratios(rates[_OURS], rates[name]), digits=3)] for name in _OTHERS]
    if peer:
        rows.append([_PEER, in_words(peer.rates), in_words(ratios(peer.beside, peer.rates), digits=3)])
    print_table(["who writes", "tokens/s", "the engine / it"], rows)


def _sampling(number: int, tokens: int) -> SamplingParameters:
    """The catalogue's, with a seed for each round."""
    return replace(catalog().included.sampling, seed=number + 1, max_tokens=tokens)


def _rate(sampling: SamplingParameters, seconds: float) -> float:
    assert sampling.max_tokens is not None
    return (sampling.max_tokens - 1) / seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, help="as the engine chooses")
    parser.add_argument("--flash-attention", choices=[*FlashAttention], default="auto")
    parser.add_argument("--speculation", choices=[*Speculation], default="off")
    parser.add_argument("--xllamacpp", type=Path, help="the folder in which it is installed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
