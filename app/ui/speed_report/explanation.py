"""What a speed report is for, how long it takes, and what it costs meanwhile, in sentences."""

from app.core.speed_wording import duration_words


def purpose_in_words(model_name: str, estimated_seconds: float | None) -> str:
    """What is measured, and how long it takes, as far as an earlier report tells."""
    if estimated_seconds is None:
        duration = (
            "It takes a few minutes with a tiny model, and longer with a larger one; the time that is left is worked "
            "out from the first two tests."
        )
    else:
        duration = f"Going by the last report, it takes {duration_words(estimated_seconds)}."
    return (
        f"How fast {model_name} reads and writes on this computer: bare speeds, as llama-bench measures them, and five "
        f"everyday tasks. {duration} Meanwhile no answer is written."
    )


def costs_in_words(lengthened_context: int | None, forgets_conversation: bool) -> str:
    """What becomes of the model in use and of the conversation it has read; empty when nothing does."""
    sentences = []
    if lengthened_context is not None:
        sentences.append(
            f"The model is loaded with a context of {lengthened_context:,} tokens for it, and afterwards as it is now."
        )
    if forgets_conversation:
        sentences.append(
            "What it has read of your conversation is given up: the next answer there begins a little later."
        )
    return " ".join(sentences)
