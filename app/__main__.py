"""The door: python -m app, the command inglenook and the program inglenook-gui."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from app.network.installed import install

    install()  # before anything else is imported: whatever a library does from now on passes the gate
    from app.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
