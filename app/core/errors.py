"""The errors that the application knows, each with a sentence for the user.

InglenookError
├── CancelledError             the user stopped it; not a failure
├── InvalidParameterError      a value outside its bounds
│   └── OutputFormatError      a JSON schema or grammar that cannot be used
├── ModelError
│   ├── ModelFileError         missing, unreadable, truncated, not GGUF, wrong checksum
│   │   ├── ModelChangedError  the file was changed or cut while it was in use
│   │   └── NotAModelError     a GGUF file, but no language model: a projector, an adapter, an embedding model
│   ├── ModelLoadError         llama.cpp refused the model
│   └── ModelCheckError        a trial of the file in a process of its own crashed, hung or gave nonsense
├── GenerationError
│   ├── DecodeError            llama.cpp or a GPU's driver failed in the middle of it
│   ├── PromptTooLongError     one message alone is longer than the context
│   ├── ContextFullError       the conversation no longer fits, and the user chose to stop then
│   ├── ChatTemplateError      the model's template refused the messages
│   └── NoModelError           nothing is loaded
├── StateFileError             a saved prompt cache is damaged, or of another model
├── NetworkForbiddenError      the gate refused a connection or a program that nothing pressed needs; an OSError too
├── HubError
│   ├── OfflineChosenError     offline is on, so the hub is not asked
│   ├── HubConnectionError     the connection broke off or stalled; to try again may help
│   │   └── HubOfflineError    the hub cannot be reached at all
│   ├── HubBusyError           the hub asks to wait before the next request
│   ├── HubFaultError          a fault at the hub, or an answer that makes no sense
│   ├── HubRefusedError        the hub does not give what was asked for
│   │   ├── GatedError         it wants its terms agreed to first, on a page of its own
│   │   └── HubTokenError      it does not accept the token
│   ├── RepositoryNotFoundError
│   ├── RepositoryFileNotFoundError
│   └── HubChangedError        a file is no longer the one that was listed
└── StorageError
    ├── ProfileError           the profile folder cannot be made or written
    ├── DatabaseBusyError      another program holds the database
    ├── DatabaseCorruptError   the database file is damaged
    ├── DatabaseNewerError     the database was written by a newer Inglenook
    ├── DiskFullError          there is no room to save
    ├── ProfileLockedError     the profile is encrypted, and no key was given
    ├── WrongPassphraseError   the passphrase does not open the profile
    └── GoneError              the conversation was deleted meanwhile
"""


class InglenookError(Exception):
    """A known failure: `sentence` says what happened and what to do, `detail` is for the log.

    A kind that `quotes` may repeat what the user or a model's file says: nothing of it is written to the log.
    """

    quotes = False

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail

    @property
    def logged(self) -> str:
        """What the log may say of it."""
        return type(self).__name__ if self.quotes else f"{self.sentence} ({self.detail})"


class CancelledError(InglenookError):
    """The user stopped the work."""

    def __init__(self) -> None:
        super().__init__("Stopped.")


class InvalidParameterError(InglenookError):
    """A value lies outside its bounds."""

    quotes = True


class OutputFormatError(InvalidParameterError):
    """A JSON schema or a grammar cannot be used; the sentence names the place."""


class ModelError(InglenookError):
    """Something is wrong with a model."""


class ModelFileError(ModelError):
    """The model file is missing, unreadable, truncated, not GGUF, or not what it should be."""


class ModelChangedError(ModelFileError):
    """The model file was changed, cut or removed while it was in use."""


class NotAModelError(ModelFileError):
    """A GGUF file that is sound and no language model: a projector, an adapter, an embedding model."""


class ModelLoadError(ModelError):
    """llama.cpp refused to load the model."""


class ModelCheckError(ModelError):
    """The file's trial in a process of its own crashed, hung or gave nonsense."""


class GenerationError(InglenookError):
    """A completion could not be made."""


class DecodeError(GenerationError):
    """llama.cpp, or the driver of the GPU that computes, failed in the middle of a completion."""


class PromptTooLongError(GenerationError):
    """One message alone is longer than the model's context."""


class ContextFullError(GenerationError):
    """The conversation no longer fits into the context, and the user chose to stop then."""


class ChatTemplateError(GenerationError):
    """The model's chat template refused the messages."""

    quotes = True


class NoModelError(GenerationError):
    """No model is loaded."""

    def __init__(self) -> None:
        super().__init__("No model is loaded. Open a model first.")


class StateFileError(InglenookError):
    """A saved prompt cache is damaged, or belongs to another model."""


class NetworkForbiddenError(InglenookError, PermissionError):
    """The gate refused it. Libraries take it for a connection that failed, and give back what they hold."""


class HubError(InglenookError):
    """Something could not be had from the hub."""


class OfflineChosenError(HubError):
    """Offline is on, so the hub is not asked."""


class HubConnectionError(HubError):
    """The connection to the hub broke off or stalled."""


class HubOfflineError(HubConnectionError):
    """The hub cannot be reached."""


class HubBusyError(HubError):
    """The hub asks to wait: `retry_after_seconds`, 0 when it does not say how long."""

    def __init__(self, sentence: str, detail: str = "", retry_after_seconds: int = 0) -> None:
        super().__init__(sentence, detail)
        self.retry_after_seconds = retry_after_seconds


class HubFaultError(HubError):
    """The hub has a fault, or its answer makes no sense."""


class HubRefusedError(HubError):
    """The hub does not give what was asked for."""


class GatedError(HubRefusedError):
    """A repository is given only to those who agreed to its terms, at the address `page`."""

    def __init__(self, sentence: str, detail: str = "", page: str = "") -> None:
        super().__init__(sentence, detail)
        self.page = page


class HubTokenError(HubRefusedError):
    """The hub does not accept the token; `page` is that of the repository for which it was given, if any."""

    def __init__(self, sentence: str, detail: str = "", page: str = "") -> None:
        super().__init__(sentence, detail)
        self.page = page


class RepositoryNotFoundError(HubError):
    """The hub has no such repository, or does not show it."""


class RepositoryFileNotFoundError(HubError):
    """A repository has no such file, or no such version."""


class HubChangedError(HubError):
    """A file at the hub is no longer the one that was listed."""


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


class ProfileLockedError(StorageError):
    """The profile is encrypted, and its key was not given."""


class WrongPassphraseError(StorageError):
    """The passphrase does not open the profile; the next try is answered after `wait_seconds`."""

    def __init__(self, sentence: str, detail: str = "", wait_seconds: float = 0.0) -> None:
        super().__init__(sentence, detail)
        self.wait_seconds = wait_seconds


class GoneError(StorageError):
    """The conversation was deleted meanwhile, here or in another window."""
