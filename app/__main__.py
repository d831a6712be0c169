"""The door: python -m app, the command inglenook and the program inglenook-gui."""

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from app.own_code import run_only_our_own

    run_only_our_own(os.environ)  # nothing else may be imported before it is known from where
    from app.network.installed import install

    install()  # whatever a library does from now on passes the gate
    from app.portable import kept_together

    with kept_together(os.environ):
        from app.cli.main import run

        code = run(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
