"""What a report of a problem is made of, for a command that opens no conversation and no model."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.bootstrap.opening import Temporary, places_of
from app.bootstrap.options import Options
from app.bootstrap.real_parts import make_machine_source
from app.paths import paths_for
from app.services.problem_report import ReportSources
from app.storage.settings import SettingsStore


@contextmanager
def report_sources(options: Options) -> Iterator[ReportSources]:
    """The log and the settings of the profile, which are only read, and this computer."""
    temporary = Temporary()
    paths = paths_for(temporary.folder() if options.temp_profile else options.profile)
    source = make_machine_source(options)
    try:
        yield ReportSources(
            paths.log_file,
            SettingsStore(paths.settings, places=places_of(paths)),
            lambda: source.ask(paths.profile),
            paths.portable is not None,
        )
    finally:
        temporary.remove()
