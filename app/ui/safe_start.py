"""The notice after a crash: what happened, and the choices of what to do now that nothing was loaded by itself."""

from collections.abc import Callable

from app.services.safe_start import CrashFound
from app.ui.notice import Notice, NoticeAction, NoticeKind


def safe_start_notice(
    crash: CrashFound,
    load_again: Callable[[], None],
    use_processor: Callable[[], None],
    use_included: Callable[[], None],
    report: Callable[[], None],
) -> Notice:
    """What the crash was found in; the notice stays open while the problem is reported.

    Where a GPU may have had a part in it, the model can be loaded on the processor alone.
    """
    otherwise = [NoticeAction("Load it on the processor", use_processor)] if crash.may_use_gpu else []
    return Notice(
        crash.sentence,
        NoticeKind.ERROR,
        "Load it again",
        load_again,
        (
            *otherwise,
            NoticeAction("Use the included model", use_included),
            NoticeAction("Report the problem…", report, closes=False),
        ),
    )
