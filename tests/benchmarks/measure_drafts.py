"""Compares the speed of a document edit with and without speculation, and whether the text is the same.

The document is a list of 580 tokens; in the conversation three of its words were changed, and the last message asks to
take these changes back, so the answer is the list that stands just above with three other words. The answer is written
greedily from the first token to the end that the model itself sets, and is compared with the plain answer and with what
was asked. (SmolLM2 is small: of prose it loses the thread within 600 tokens, but a numbered list it repeats.)

For each KV cache type an engine that drafts and one that does not are loaded, and they write by turns, sixteen pieces
each. q8_0 needs flash attention, so both compute the same bits and must write the same text. With f16, drafting goes
with flash attention and keys in bf16, and plain writing without, as by default: the bits differ, and close decisions of
the model may. So a third engine with the settings of the one that drafts, but without drafts, shows what the drafts
themselves change: nothing.

Run: python -m tests.benchmarks.measure_drafts [--rounds 2] [--cache q8_0 f16]
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk, Finished, SamplingParameters
from app.core.model import KvCacheType, Speculation
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from tests.benchmarks.interleaved import by_turns, in_words, print_table, ratios
from tests.benchmarks.plain_llama import instance_of
from tests.included import included_parameters

_SLICE = 16
_MOST_TOKENS = 700
CHANGES = (("nine", "seven"), ("sand", "soup"), ("first boat leaves", "last boat leaves"))
DOCUMENT = """\
1. Check that the stone pier is clear and that the ladder is dry.
2. Count the life jackets; there must be nine on every boat.
3. Open the customs hall at eight and switch on the lamps.
4. Read the weather report and write the wind on the board.
5. Wash the long tables with sea water before the first boat is back.
6. Fill the ice boxes and close the lids tightly.
7. Put the scales on the first table and test them with the brass weight.
8. Call the buyers from the inland towns and tell them the hour of the sale.
9. When a boat returns, carry the baskets to the hall and note the number of the boat.
10. Sort the fish by kind, the herring first and the mackerel after it.
11. Look at the gills of every tenth fish and throw away what is not fresh.
12. Begin the sale with the smallest basket, and ring the bell after each bid.
13. Write the name of the buyer, the weight and the price into the green book.
14. Collect the money before the baskets leave the hall, and give a receipt.
15. Help the buyers to load the vans, and count the empty baskets that they bring back.
16. Hang the nets over the railing and look for holes.
17. Give the torn nets to the older men, who mend them in the shade.
18. Sweep the floor, wash it with sea water and open the windows.
19. Take the waste to the pit behind the church and cover it with sand.
20. Feed the harbour cat, but not with herring.
21. Clean the lens of the small lamp at the end of the pier.
22. Check the oil in the engine of the rescue boat and start it once.
23. Write into the log what was sold, what was broken and who was absent.
24. Lock the hall, hang the key in the office and turn the sign at the door.
25. Tie the boats with two ropes when the wind comes from the north.
26. Ring the school and tell the teacher when the children may come to fish for crabs.
27. Look at the tide table and write the hour of high water for tomorrow on the board.
28. Switch off the lamps, and leave only the red one at the gate.
29. Walk once around the harbour before you go home.
30. Put the chairs on the tables and pull the curtains in the office.
31. Give the list to whoever is on duty tomorrow.
32. Sleep well, because the first boat leaves before sunrise."""


def edit_request() -> GenerationRequest:
    """The conversation whose next answer is DOCUMENT, while the list with CHANGES stands just above."""
    changed, there, back = DOCUMENT, [], []
    for before, after in CHANGES:
        changed = changed.replace(before, after)
        there.append(f'Write it again with "{after}" in place of "{before}".')
        back.append(f'Write it again with "{before}" in place of "{after}".')
    return GenerationRequest(
        (
            PromptMessage(Role.USER, "Write a list of 32 things to do at the harbour."),
            PromptMessage(Role.ASSISTANT, DOCUMENT),
            PromptMessage(Role.USER, " ".join(there)),
            PromptMessage(Role.ASSISTANT, changed),
            PromptMessage(Role.USER, " ".join(["Write the list once more, but now take the changes back.", *back])),
        ),
        SamplingParameters(temperature=0.0, max_tokens=_MOST_TOKENS),
    )


class Writer:
    """An engine that writes the answer; what came of it the last time."""

    def __init__(
        self, cache: KvCacheType, speculation: Speculation, threads: int | None, *, drafts: bool = True
    ) -> None:
        self._engine = LlamaEngine()
        parameters = replace(included_parameters(), kv_cache_type=cache, speculation=speculation, threads=threads)
        self.load = self._engine.load(parameters, CancelToken(), lambda _: None).load
        if not drafts:
            instance_of(self._engine).drafter = lambda: None  # type: ignore[method-assign]
        self.text = ""
        self.tokens = self.drafted = self.accepted = 0

    def close(self) -> None:
        """Free it."""
        self._engine.unload()

    def write(self) -> Iterator[Chunk]:
        """The pieces of an answer."""
        self.text = ""
        for event in self._engine.generate(edit_request(), CancelToken()):
            if isinstance(event, Chunk):
                self.text += event.text
                yield event
            elif isinstance(event, Finished):
                figures = event.statistics
                self.tokens = figures.completion_tokens
                self.drafted, self.accepted = figures.drafted_tokens, figures.accepted_tokens


def main() -> None:
    """Print, for each KV cache type, the rates, their ratio, and whether the texts are the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cache", nargs="+", choices=[*KvCacheType], default=["q8_0", "f16"])
    parser.add_argument("--threads", type=int, help="as the engine chooses")
    arguments = parser.parse_args()
    rows: list[list[str]] = []
    for cache in arguments.cache:
        rows += _rows(KvCacheType(cache), arguments.rounds, arguments.threads)
    heads = ["KV cache", "beside", "beside, tokens/s", "drafting, tokens/s", "ratio"]
    print_table([*heads, "same text", "as asked", "tokens", "drafted", "accepted"], rows)


def _rows(cache: KvCacheType, rounds: int, threads: int | None) -> list[list[str]]:
    drafting = Writer(cache, Speculation.ON, threads)
    others = {"without speculation": Writer(cache, Speculation.OFF, threads)}
    if cache is KvCacheType.F16:
        others["the same settings without drafts"] = Writer(cache, Speculation.ON, threads, drafts=False)
    for name, writer in {"drafting": drafting, **others}.items():
        load = writer.load
        print(f"{cache}, {name}: {load.threads} threads, flash attention {load.flash_attention}", flush=True)
    rates: dict[str, list[float]] = {name: [] for name in ("drafting", *others)}
    same = dict.fromkeys(others, True)
    for number in range(rounds):
        writers = {"drafting": drafting, **others}
        works = {name: writer.write() for name, writer in writers.items()}
        for name, taken in by_turns(works, _SLICE, reverse=number % 2 == 1).items():
            rates[name].append((writers[name].tokens - 1) / taken)
        for name, writer in others.items():
            same[name] = same[name] and writer.text == drafting.text
    rows = [
        [
            cache,
            name,
            in_words(rates[name]),
            in_words(rates["drafting"]),
            in_words(ratios(rates["drafting"], rates[name]), digits=2),
            _yes_or_no(same[name]),
            _yes_or_no(drafting.text == DOCUMENT),
            *(str(count) for count in (drafting.tokens, drafting.drafted, drafting.accepted)),
        ]
        for name in others
    ]
    for writer in (drafting, *others.values()):
        writer.close()
    return rows


def _yes_or_no(holds: bool) -> str:
    return "yes" if holds else "no"


if __name__ == "__main__":
    main()
