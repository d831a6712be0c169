"""Puts the models on this computer into words: where they come from, when they were used, what was found."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.core.library import InstalledModel, ModelOrigin, Removal
from app.core.plan_wording import context_words
from app.core.quantities import file_size, gigabytes
from app.core.wording import counted
from app.ui.library.words import licence_words

NOT_MEASURED = "speed not measured"
NOT_USED = "not used yet"
MISSING = "The file is not there any more. If it lies on a disk that was removed, connect it and look again."

_ORIGINS = {
    ModelOrigin.INCLUDED: "included",
    ModelOrigin.DOWNLOADED: "downloaded",
    ModelOrigin.ADDED: "added",
    ModelOrigin.LM_STUDIO: "LM Studio",
    ModelOrigin.OLLAMA: "Ollama",
    ModelOrigin.JAN: "Jan",
    ModelOrigin.GPT4ALL: "GPT4All",
    ModelOrigin.HUGGING_FACE: "Hugging Face cache",
}
_OTHERS = frozenset(ModelOrigin) - {ModelOrigin.INCLUDED, ModelOrigin.DOWNLOADED, ModelOrigin.ADDED}
# Not strftime: Qt sets the C library's locale, and one word of another language would stand in an English page.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_of_another_application(model: InstalledModel) -> bool:
    """Whether another application keeps the file, so that it is never changed or deleted here."""
    return model.origin in _OTHERS


def origin_words(origin: ModelOrigin) -> str:
    """Who put the file there."""
    return _ORIGINS[origin]


def fact_words(model: InstalledModel) -> str:
    """What is known of the model: "23.6 B · Apache-2.0 · 32k context · LM Studio"."""
    count = model.parameter_count
    size = "" if not count else f"{count / 10**9:.3g} B" if count >= 10**9 else f"{count / 10**6:.0f} M"
    context = f"{context_words(model.context_length)} context" if model.context_length else ""
    licence = licence_words(model.license) or "licence not known"
    parts = [size, licence, context, counted(len(model.files), "file") if len(model.files) > 1 else ""]
    return " · ".join(part for part in (*parts, origin_words(model.origin)) if part)


def speed_words(model: InstalledModel) -> str:
    """How fast it writes, as a speed report measured it."""
    return NOT_MEASURED if model.tokens_per_second is None else f"{model.tokens_per_second:.1f} tok/s"


def used_words(last_used: datetime | None, now: datetime) -> str:
    """When it was last loaded, in days of the user's own."""
    if last_used is None:
        return NOT_USED
    used = last_used.astimezone().date()
    days = (now.astimezone().date() - used).days
    if days <= 0:
        return "used today"
    if days == 1:
        return "used yesterday"
    return f"used {days} days ago" if days < 30 else f"used {used.day} {_MONTHS[used.month - 1]} {used.year}"


def total_words(models: Sequence[InstalledModel]) -> str:
    """How many there are and their size in all, for the sidebar: "3 · 31.4 GB"; empty for none."""
    there = [model for model in models if not model.is_missing]
    return f"{len(there)} · {gigabytes(sum(model.size_bytes for model in there))}" if there else ""


def spoken(model: InstalledModel, note: str, now: datetime, *, in_use: bool) -> str:
    """A row as it is read out."""
    states = [
        "missing" if model.is_missing else "",
        "default model" if model.is_default else "",
        "in use" if in_use else "",
        model.quantization,
        file_size(model.size_bytes),
        fact_words(model).replace(" · ", ", "),
        speed_words(model),
        used_words(model.last_used, now),
        note,
    ]
    return f"{model.name}: {', '.join(state for state in states if state)}"


def duplicate_words(model: InstalledModel, models: Sequence[InstalledModel]) -> str:
    """That it has the same content as another file; empty when it has not."""
    if model.same_as is None:
        return ""
    other = next((one for one in models if one.path == model.same_as), None)
    where = f" ({origin_words(other.origin)})" if other is not None else ""
    return f"The same file as {model.same_as}{where}."


def found_words(before: Sequence[InstalledModel], after: Sequence[InstalledModel]) -> str:
    """What looking through the other applications' folders came to."""
    others = Counter(one.origin for one in after if is_of_another_application(one) and not one.is_missing)
    if not others:
        return (
            "No models of Ollama, LM Studio, Jan, GPT4All or the Hugging Face cache were found. "
            "If they lie elsewhere, add their folder below."
        )
    known = {one.path for one in before}
    new = sum(1 for one in after if is_of_another_application(one) and one.path not in known)
    named = ", ".join(f"{others[origin]} of {origin_words(origin)}" for origin in ModelOrigin if origin in others)
    is_new = "none of them new" if not new else f"{new} of them new" if new < others.total() else "all of them new"
    return f"Found {counted(others.total(), 'model')}: {named}; {is_new}. They are used where they lie."


def compared_words(models: Sequence[InstalledModel]) -> str:
    """What comparing the models came to."""
    twins = [model for model in models if model.same_as is not None and not model.is_missing]
    if not twins:
        return "No model is on this computer twice."
    size = file_size(sum(model.size_bytes for model in twins))
    have = "has" if len(twins) == 1 else "have"
    return f"{counted(len(twins), 'model')} {have} the same content as another: {size}. Each says in its row of which."


def remove_words(model: InstalledModel, removal: Removal) -> tuple[str, str, str]:
    """The question before a model is removed, what it means, and the words of the button."""
    if is_of_another_application(model):
        return (
            f"Take “{model.name}” off the list?",
            f"The file belongs to {origin_words(model.origin)} and stays where it is; nothing is deleted and no room "
            "is made.",
            "Take off the list",
        )
    files = "Its file" if len(model.files) <= 1 else f"Its {len(model.files)} files"
    goes = "goes" if len(model.files) <= 1 else "go"
    if count := len(removal.projectors):
        itself = "its projector (mmproj)" if count == 1 else f"its {count} projectors (mmproj)"
        files, goes = f"{files} and {itself}, which no other model here uses,", "go"
    return (
        f"Remove “{model.name}”?",
        f"{files} {goes} to the trash of this computer. {file_size(removal.size_bytes or model.size_bytes)} are free "
        "when that is emptied.",
        "Remove",
    )


def removed_words(model: InstalledModel, freed: int) -> str:
    """What was done."""
    if freed:
        return f"{model.name} is in the trash. {file_size(freed)} are free when that is emptied."
    return f"{model.name} is no longer on the list. Nothing was deleted."


def is_within(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a file lies in one of these folders or below."""
    return any(path.is_relative_to(folder) for folder in folders)
