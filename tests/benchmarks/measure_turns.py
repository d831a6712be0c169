"""Times the next turn of a long conversation: at once, reopened after another one, and reopened after a restart.

All turns go through ChatService in the application as it is assembled, with its databases and state files in a profile
of its own; what is timed is from sending to the first piece of the answer. A conversation has nine turns of about 1,500
tokens together, and every next turn asks something new of it, and is taken back afterwards.

- "next turn": the cache holds the conversation, as it does after an answer. Beside it the least that can be done: the
  same new tokens evaluated by bare llama_decode on the same prepared cache, and the likeliest token taken.
- "reopened": another conversation of the same length was used in between. Its state is saved, that of the first is
  checked and read, and the new tokens are read. Beside it the same turn without any saved state, which reads all anew.
- "restarted": each in a new process on the same profile, with the saved states and without; the model's loading is not
  counted, which both need.

A turn's time has two parts: its new tokens, which must be read in any case, and getting the history back. So two
ratios are given: of the whole times, and "history alone" without the time that the new tokens take.

Run: python -m tests.benchmarks.measure_turns [--rounds 5] [--tokens 1500]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import llama_cpp.llama_cpp as llama

from tests.benchmarks.interleaved import in_words, print_table, ratios
from tests.benchmarks.long_chat import NEW_TOKENS, LongChat, Turn, question
from tests.benchmarks.plain_llama import likeliest, require_decoded

_OTHER_WORDS = 300  # from where on in the text the other conversation begins


def main() -> None:
    """Print the times, the ratios and where the time of each kind of turn goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=1500)
    parser.add_argument("--restarted", nargs=2, help=argparse.SUPPRESS)  # we, in a new process: profile, conversation
    arguments = parser.parse_args()
    if arguments.restarted:
        profile, conversation = arguments.restarted
        print(json.dumps(asdict(_one_turn(Path(profile), int(conversation)))))
        return
    with tempfile.TemporaryDirectory(prefix="inglenook-turns-") as folder:
        _measure(Path(folder) / "profile", arguments.rounds, arguments.tokens)


def _measure(profile: Path, rounds: int, tokens: int) -> None:
    chat = LongChat(profile)
    load = chat.instance.load
    first, other = (chat.add_conversation(tokens, offset) for offset in (0, _OTHER_WORDS))
    print(
        f"{load.threads} threads, flash attention {load.flash_attention}, speculation {load.speculation}, "
        f"{rounds} rounds; one turn to begin with",
        flush=True,
    )
    chat.send(first, question(0))
    chat.take_back(first)
    turns: dict[str, list[Turn]] = {}
    turns["next turn"], bare = _next_turns(chat, first, rounds)
    turns["reopened"], turns["reopened, anew"] = _reopened(chat, first, other, rounds)
    chat.send(first, question(1))
    chat.take_back(first)
    chat.close()
    turns["restarted"], turns["restarted, anew"] = _restarted(profile, first, rounds)
    now = turns["next turn"]
    rows = [_row("next turn", now, bare, ratios([turn.milliseconds for turn in now], bare))]
    for name in ("reopened", "restarted"):
        rows += _rows_of_reopened(name, turns[name], turns[f"{name}, anew"])
    print_table(["turn", "new tokens", "time to first token, ms", "beside it, ms", "ratio"], rows)
    _print_parts(turns)


def _next_turns(chat: LongChat, conversation: int, rounds: int) -> tuple[list[Turn], list[float]]:
    """Turns on the prepared cache, and the milliseconds of bare llama_decode for the same tokens."""
    turns, bare = [], []
    for number in range(-1, rounds):  # the first warms the processor
        asked = question(10 + number)
        if number % 2 == 1:
            bare.append(_bare(chat, conversation, asked))
        turns.append(chat.send(conversation, asked))
        chat.take_back(conversation)
        if number % 2 == 0:
            bare.append(_bare(chat, conversation, asked))
    return turns[1:], bare[1:]


def _bare(chat: LongChat, conversation: int, asked: str) -> float:
    prompt = chat.prompt_with(conversation, asked)
    live = chat.instance.live
    live.keep_prefix(chat.prompt_with(conversation, "?"))  # what the question adds is not there any more
    fresh = prompt[live.keep_prefix(prompt) :]
    array = (llama.llama_token * len(fresh))(*fresh)
    started = time.perf_counter()
    require_decoded(llama.llama_decode(live.handle, llama.llama_batch_get_one(array, len(fresh))))
    likeliest(live.handle, chat.instance.vocabulary.size)
    taken = (time.perf_counter() - started) * 1000
    live.cut(len(live.cached))
    return taken


def _reopened(chat: LongChat, first: int, other: int, rounds: int) -> tuple[list[Turn], list[Turn]]:
    """Turns after another conversation was used, and turns that read everything anew."""
    kept, anew = [], []
    chat.send(first, question(100))  # the cache is known to be the conversation's again
    chat.take_back(first)
    for number in range(rounds):
        chat.send(other, question(110 + number))
        chat.take_back(other)
        kept.append(chat.send(first, question(200 + number)))
        chat.take_back(first)
        chat.forget_states()
        anew.append(chat.send(first, question(300 + number)))
        chat.take_back(first)
    return kept, anew


def _restarted(profile: Path, conversation: int, rounds: int) -> tuple[list[Turn], list[Turn]]:
    """The same in new processes; the first of each kind warms the file cache."""
    states, aside = profile / "states", profile / "states.aside"
    kept, anew = [], []
    for _ in range(rounds):
        kept.append(_in_new_process(profile, conversation))
        states.rename(aside)
        anew.append(_in_new_process(profile, conversation))
        aside.rename(states)
    return kept, anew


def _in_new_process(profile: Path, conversation: int) -> Turn:
    command = [sys.executable, "-m", "tests.benchmarks.measure_turns", "--restarted", str(profile), str(conversation)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    return Turn(**json.loads(done.stdout))


def _one_turn(profile: Path, conversation: int) -> Turn:
    chat = LongChat(profile)
    turn = chat.send(conversation, question(400))
    chat.take_back(conversation)
    chat.application.close()  # the model is not unloaded: the saved state stays as it is
    return turn


def _rows_of_reopened(name: str, kept: Sequence[Turn], anew: Sequence[Turn]) -> list[list[str]]:
    """How many times faster than reading anew: the whole turn, and what is beyond the new tokens."""
    pairs = list(zip(kept, anew, strict=True))
    whole = [turn.milliseconds for turn in anew]
    beyond = [turn.milliseconds - turn.parts[NEW_TOKENS] for turn in kept]
    history = [slow.milliseconds - quick.parts[NEW_TOKENS] for quick, slow in pairs]
    return [
        _row(name, kept, whole, ratios(whole, [turn.milliseconds for turn in kept])),
        [f"{name}: history alone", "", in_words(beyond), in_words(history), in_words(ratios(history, beyond))],
    ]


def _row(name: str, turns: Sequence[Turn], beside: Sequence[float], compared: Sequence[float]) -> list[str]:
    counts = f"{turns[-1].prompt_tokens - turns[-1].reused_tokens} of {turns[-1].prompt_tokens}"
    mine = in_words([turn.milliseconds for turn in turns])
    return [name, counts, mine, in_words(beside), in_words(compared, digits=2)]


def _print_parts(turns: dict[str, list[Turn]]) -> None:
    """For each kind of turn, the median milliseconds of each part."""
    labels = {label: None for of in turns.values() for turn in of for label in turn.parts}
    rows = [
        [label, *(f"{statistics.median(turn.parts.get(label, 0.0) for turn in of):.1f}" for of in turns.values())]
        for label in labels
    ]
    print_table(["milliseconds for", *turns], rows)


if __name__ == "__main__":
    main()
