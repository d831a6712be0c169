"""The errors that the application knows, each with a sentence for the user.

InglenookError
├── CancelledError             the user stopped it; not a failure
├── InvalidParameterError      a value outside its bounds
├── ModelError
│   ├── ModelFileError         missing, unreadable, truncated, not GGUF, wrong checksum
│   └── ModelLoadError         llama.cpp refused the model
├── GenerationError
│   ├── PromptTooLongError     one message alone is longer than the context
│   ├── ChatTemplateError      the model's template refused the messages
│   └── NoModelError           nothing is loaded
└── StorageError
    ├── ProfileError           the profile folder cannot be made or written
    ├── DatabaseBusyError      another program holds the database
    ├── DatabaseCorruptError   the database file is damaged
    ├── DatabaseNewerError     the database was written by a newer Inglenook
    ├── DiskFullError          there is no room to save
    └── GoneError              the conversation was deleted meanwhile
"""


class InglenookError(Exception):
    """A known failure: `sentence` says what happened and what to do, `detail` is for the log."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail


class CancelledError(InglenookError):
    """The user stopped the work."""

    def __init__(self) -> None:
        super().__init__("Stopped.")


class InvalidParameterError(InglenookError):
    """A value lies outside its bounds."""


class ModelError(InglenookError):
    """Something is wrong with a model."""


class ModelFileError(ModelError):
    """The model file is missing, unreadable, truncated, not GGUF, or not what it should be."""


class ModelLoadError(ModelError):
    """llama.cpp refused to load the model."""


class GenerationError(InglenookError):
    """A completion could not be made."""


class PromptTooLongError(GenerationError):
    """One message alone is longer than the model's context."""


class ChatTemplateError(GenerationError):
    """The model's chat template refused the messages."""


class NoModelError(GenerationError):
    """No model is loaded."""

    def __init__(self) -> None:
        super().__init__("No model is loaded. Open a model first.")


class StorageError(InglenookError):
    """Something could not be read or kept."""


class ProfileError(StorageError):
    """The profile folder cannot be made or written."""


class DatabaseBusyError(StorageError):
    """Another program holds the database."""


class DatabaseCorruptError(StorageError):
    """The database file is damaged."""


class DatabaseNewerError(StorageError):
    """The database was written by a newer version of Inglenook."""


class DiskFullError(StorageError):
    """There is no room left to save."""


class GoneError(StorageError):
    """The conversation was deleted meanwhile, here or in another window."""
