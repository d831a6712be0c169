"""What is known of model files and remembered: their headers' facts, their checksums and how their trials went."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import ModelCheckError, ModelError, ModelFileError, ModelLoadError, StorageError
from app.core.memory import MemoryPlan
from app.core.model import FlashAttention, KvCacheType, LoadParameters, Speculation
from app.core.model_file import FileFacts, TrialOutcome, TrialResult
from app.core.shape import ModelShape
from app.engine.base import ModelChecker
from app.storage.model_checks import ModelCheckStore
from app.storage.verified import VerifiedFiles

_log = logging.getLogger(__name__)
_READ_BYTES = 1 << 20
_BLOCKS_PER_REPORT = 16

# What verifying 8 tokens at once may cost, in units of one token, for drafting to be worth while: a draft that is right
# then writes at twice the speed or more, and a wrong one, which the engine soon shortens, costs three tokens at most.
_MOST_BATCH_COST = 4.0


class ModelFiles:
    """Examines model files; what costs time is done once and remembered while a file does not change."""

    def __init__(self, checker: ModelChecker, verified: VerifiedFiles, checks: ModelCheckStore) -> None:
        self._checker = checker
        self._verified = verified
        self._checks = checks

    @property
    def trial_shares_memory(self) -> bool:
        """See ModelChecker.shares_memory."""
        return self._checker.shares_memory

    def examine(self, path: Path) -> FileFacts:
        """Look at the file and its header. Raises ModelFileError when it cannot be a model."""
        check_model_file(path)
        return self._checker.read(path)

    def shape(self, path: Path) -> ModelShape:
        """What the model is made of, layer by layer. Raises ModelFileError when the file cannot be a model."""
        check_model_file(path)
        return self._checker.read_shape(path)

    def exact_memory(self, path: Path, parameters: LoadParameters) -> MemoryPlan | None:
        """What the engine itself reckons that a file takes; None where it will not, or before the file was tried."""
        try:
            trial = self.remembered_trial(self.examine(path))
            return self._checker.exact_memory(path, parameters) if trial is not None and trial.ok else None
        except ModelError as error:
            _log.info("the engine does not reckon %s: %s (%s)", path, error.sentence, error.detail)
            return None

    def examine_adapter(self, path: Path) -> None:
        """Look at a LoRA adapter and its header. Raises ModelFileError when it cannot be one."""
        if not path.is_file():
            raise ModelFileError(f"The LoRA adapter {path} does not exist. Choose another file or remove it.")
        self._checker.check_adapter(path)

    def sha256(self, path: Path, cancel: CancelToken, on_progress: Callable[[float], None]) -> str:
        """The file's checksum, worked out once; of a model in several files the first one's.

        Raises ModelFileError, CancelledError.
        """
        return self.known_sha256(path) or self.sha256_anew(path, cancel, on_progress)

    def known_sha256(self, path: Path) -> str | None:
        """The file's checksum where it is remembered and the file has not changed since."""
        try:
            return self._verified.sha256(path)
        except StorageError as error:
            _log.warning("the checksum of %s is not known: %s", path, error)
            return None

    def sha256_anew(self, path: Path, cancel: CancelToken, on_progress: Callable[[float], None]) -> str:
        """The file's checksum, read from the disk whatever is remembered. Raises ModelFileError, CancelledError."""
        computed = sha256_of(path, cancel, on_progress)
        self.remember_sha256(path, computed)
        return computed

    def remember_sha256(self, path: Path, sha256: str) -> None:
        """Keep a checksum that somebody else has worked out while writing the file."""
        try:
            self._verified.remember(path, sha256)
        except StorageError as error:
            _log.warning("the checksum of %s is not remembered: %s", path, error)

    def remembered_trial(self, facts: FileFacts) -> TrialResult | None:
        """How the trial of the unchanged file went with this engine; None when there was none."""
        try:
            return self._checks.get(facts.files[0], facts.stamp, self._checker.engine_version)
        except StorageError as error:
            _log.warning("the trial of %s is made anew: %s", facts.files[0], error)
            return None

    def try_out(self, facts: FileFacts, parameters: LoadParameters, cancel: CancelToken) -> TrialResult:
        """Try the file now, whatever was remembered. Raises CancelledError."""
        result = self._checker.try_out(facts, parameters, cancel)
        _log.info("the trial of %s: %s in %.1f s %s", facts.files[0], result.outcome, result.seconds, result.detail)
        if result.lasting:
            try:
                self._checks.remember(facts.files[0], facts.stamp, self._checker.engine_version, result)
            except StorageError as error:
                _log.warning("the trial of %s is not remembered: %s", facts.files[0], error)
        return result


def trial_error(result: TrialResult, path: Path, remembered: bool) -> ModelError:
    """The error of a trial that failed; one that is `remembered` says how the file can be tried again."""
    sentence = result.sentence
    if remembered:
        sentence += f' This is remembered while the file stays as it is; inglenook probe "{path}" tries it again.'
    kind = ModelLoadError if result.outcome is TrialOutcome.REFUSED else ModelCheckError
    return kind(sentence, result.detail)


def resolved(parameters: LoadParameters, trial: TrialResult) -> LoadParameters:
    """What AUTO means by the trial's figures; it stays AUTO where nothing was measured.

    Speculation is on where a batch is cheap and drafting costs nothing else: an f16 cache on a processor would have to
    be laid out otherwise, with which prompts are read slower.
    """
    flash_attention, speculation = parameters.flash_attention, parameters.speculation
    if flash_attention is FlashAttention.AUTO and trial.flash_attention_faster is not None:
        flash_attention = FlashAttention.ON if trial.flash_attention_faster else FlashAttention.OFF
    if speculation is Speculation.AUTO and trial.batch_cost is not None:
        pays = trial.batch_cost <= _MOST_BATCH_COST and parameters.kv_cache_type is not KvCacheType.F16
        speculation = Speculation.ON if pays else Speculation.OFF
    return replace(parameters, flash_attention=flash_attention, speculation=speculation)


def check_model_file(path: Path) -> int:
    """The size in bytes of a file that may be a GGUF model; raises ModelFileError with the reason when it cannot be."""
    try:
        if not path.is_file():
            kind = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"The model file {path} {kind}. Choose a GGUF file.")
        with path.open("rb") as file:
            magic = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.", str(error)) from error
    if not magic:
        raise ModelFileError(f"The model file {path} is empty. Download it again.")
    if magic != b"GGUF":
        raise ModelFileError(f"{path} is not a GGUF model file. Choose a file that ends in .gguf.")
    return size


def sha256_of(path: Path, cancel: CancelToken, on_progress: Callable[[float], None] = lambda _: None) -> str:
    """The SHA-256 of a file in lower-case hexadecimal. Raises ModelFileError, CancelledError."""
    digest = hashlib.sha256()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            blocks = 0
            while block := file.read(_READ_BYTES):
                cancel.raise_if_cancelled()
                digest.update(block)
                blocks += 1
                if blocks % _BLOCKS_PER_REPORT == 0:
                    on_progress(min(blocks * _READ_BYTES / size, 1.0))
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.", str(error)) from error
    return digest.hexdigest()
