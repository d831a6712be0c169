"""Inglenook: private, offline chat with local language models."""

__version__ = "0.1.0"
RELEASES_PAGE = "https://github.com/inglenook-app/inglenook/releases"
