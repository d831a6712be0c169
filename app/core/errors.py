"""The errors that the application knows, each with a sentence for the user.

InglenookError
├── CancelledError             the user stopped it; not a failure
├── InvalidParameterError      a value outside its bounds
│   └── OutputFormatError      a JSON schema or grammar that cannot be used
├── ModelError
│   ├── ModelFileError         missing, unreadable, truncated, not GGUF, wrong checksum
│   │   └── ModelChangedError  the file was changed or cut while it was in use
│   ├── ModelLoadError         llama.cpp refused the model
│   └── ModelCheckError        a trial of the file in a process of its own crashed, hung or gave nonsense
├── GenerationError
│   ├── PromptTooLongError     one message alone is longer than the context
│   ├── ContextFullError       the conversation no longer fits, and the user chose to stop then
│   ├── ChatTemplateError      the model's template refused the messages
│   └── NoModelError           nothing is loaded
├── StateFileError             a saved prompt cache is damaged, or of another model
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


class OutputFormatError(InvalidParameterError):
    """A JSON schema or a grammar cannot be used; the sentence names the place."""


class ModelError(InglenookError):
    """Something is wrong with a model."""


class ModelFileError(ModelError):
    """The model file is missing, unreadable, truncated, not GGUF, or not what it should be."""


class ModelChangedError(ModelFileError):
    """The model file was changed, cut or removed while it was in use."""


class ModelLoadError(ModelError):
    """llama.cpp refused to load the model."""


class ModelCheckError(ModelError):
    """The file's trial in a process of its own crashed, hung or gave nonsense."""


class GenerationError(InglenookError):
    """A completion could not be made."""


class PromptTooLongError(GenerationError):
    """One message alone is longer than the model's context."""


class ContextFullError(GenerationError):
    """The conversation no longer fits into the context, and the user chose to stop then."""


class ChatTemplateError(GenerationError):
    """The model's chat template refused the messages."""


class NoModelError(GenerationError):
    """No model is loaded."""

    def __init__(self) -> None:
        super().__init__("No model is loaded. Open a model first.")


class StateFileError(InglenookError):
    """A saved prompt cache is damaged, or belongs to another model."""


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
