"""Makes every package that this computer can make, and tries each as somebody would who downloads it."""

import sys
import time
from collections.abc import Sequence

from dev_steps import appimage, bundle, deb, engine_trial, hard_self_test, linux_trial, run_installer
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.reproducing import UNTRIED
from dev_steps.setting_up import set_up
from dev_steps.windows_exercise import check_windows


def packages(places: Places, arguments: Sequence[str]) -> int:
    """The command `packages`: 0 when all could be made and, unless they are only wanted, passed."""
    bundle.refuse_unknown("packages", arguments, (bundle.CUDA, appimage.OPTION, UNTRIED))
    tried = UNTRIED not in arguments
    began = time.monotonic()
    set_up(places, bundle.python_lacks())
    made = bundle.make(places, cuda=bundle.CUDA in arguments)
    if sys.platform.startswith("linux"):
        if tried:
            engine_trial.try_engine(places)
            hard_self_test.from_odd_place(made.folder)
            linux_trial.check_texts(places)
        package = deb.make(places, made)
        installer = run_installer.make(places, made)
        image = appimage.make(places, made) if appimage.OPTION in arguments else None
        if tried:
            if image is not None:
                appimage.try_it(image)
            linux_trial.try_packages(places, made, package, installer)
            check_windows(places)
    say(f"The packages are in {places.dist} ({time.monotonic() - began:.0f} s).")
    return 0
