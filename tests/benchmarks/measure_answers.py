"""Counts the right answers of the included model to simple questions, for several repeat penalties.

Run: python -m tests.benchmarks.measure_answers
"""

from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import Chunk, Finished, StopReason
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.llama import LlamaEngine
from tests.included import catalog, included_parameters

PENALTIES = (1.0, 1.05, 1.1, 1.2)
SEEDS = (1, 2)
MAX_TOKENS = 400
# A question, and the words of which one makes an answer right.
QUESTIONS = {
    "What is the capital of France?": ("paris",),
    "What is 2 + 2?": ("4",),
    "How many days are in a week?": ("seven", "7"),
    "What is the largest planet in the solar system?": ("jupiter",),
    "Who wrote Romeo and Juliet?": ("shakespeare",),
    "What color is the sky on a clear day?": ("blue",),
    "What is the capital of Italy?": ("rome",),
    "What is the opposite of hot?": ("cold",),
    "What gas do plants absorb?": ("carbon dioxide", "co2"),
    "What is the boiling point of water in Celsius?": ("100",),
    "Name a fruit that is yellow.": ("banana", "lemon", "mango", "pineapple"),
    "What is the capital of Germany?": ("berlin",),
}


def main() -> None:
    """Print, for each penalty, how many answers were right and how many ran into the limit."""
    engine = LlamaEngine()
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    for penalty in PENALTIES:
        right = limited = 0
        for question, words in QUESTIONS.items():
            for seed in SEEDS:
                text, reason = _answer(engine, question, penalty, seed)
                right += any(word in text.lower() for word in words)
                limited += reason is StopReason.MAX_TOKENS
        print(f"repeat penalty {penalty}: {right} of {len(QUESTIONS) * len(SEEDS)} right, {limited} cut off")
    engine.unload()


def _answer(engine: LlamaEngine, question: str, penalty: float, seed: int) -> tuple[str, StopReason]:
    sampling = replace(catalog().included.sampling, repeat_penalty=penalty, seed=seed, max_tokens=MAX_TOKENS)
    *events, last = engine.generate(GenerationRequest((PromptMessage(Role.USER, question),), sampling), CancelToken())
    assert isinstance(last, Finished)
    return "".join(event.text for event in events if isinstance(event, Chunk)), last.stop_reason


if __name__ == "__main__":
    main()
