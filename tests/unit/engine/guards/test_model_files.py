"""A model in several files is read whole, and what is missing or does not belong to it is named."""

from pathlib import Path

import pytest

from app.core.errors import ModelFileError
from app.engine.guards.gguf import ValueType
from app.engine.guards.model_files import check_adapter, read_model
from tests.gguf_files import Header, Tensor, small_model, write_file, write_parts


def test_a_model_in_several_files_is_read_whole(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    facts = read_model(paths[0])
    assert facts.files == tuple(paths)
    assert facts.stamp.size_bytes == sum(path.stat().st_size for path in paths)
    assert facts.stamp.mtime_ns == max(path.stat().st_mtime_ns for path in paths)


def test_the_parts_of_the_model_s_name_are_told(tmp_path: Path) -> None:
    parts = {
        "name": "DeepSeek R1 Distill Llama 8B",
        "organization": "Deepseek Ai",
        "basename": "DeepSeek-R1-Distill-Llama",
        "finetune": "Tuned",
        "size_label": "8B",
        "version": "v1.0",
    }
    header = small_model(**{f"general__{key}": (ValueType.STRING, part) for key, part in parts.items()})
    facts = read_model(write_file(header, tmp_path / "model.gguf"))
    assert {key: getattr(facts, key) for key in parts} == parts


def test_missing_files_are_named(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    paths[2].unlink()
    with pytest.raises(ModelFileError, match=r"in 3 files, and 1 of them is missing: model-00003-of-00003\.gguf\."):
        read_model(paths[0])
    paths[1].unlink()
    with pytest.raises(ModelFileError, match=r"2 of them are missing: model-00002-of-00003\.gguf, model-00003"):
        read_model(paths[0])


def test_another_than_the_first_file_says_which_to_open(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    with pytest.raises(ModelFileError, match=r"part 2 of 3\. Open the first, model-00001-of-00003\.gguf"):
        read_model(paths[1])


def test_a_renamed_part_asks_for_its_name_back(tmp_path: Path) -> None:
    renamed = write_parts(tmp_path)[0].rename(tmp_path / "renamed.gguf")
    with pytest.raises(ModelFileError, match=r"-00001-of-00003\.gguf"):
        read_model(renamed)


def test_a_part_that_is_cut_or_of_another_model_is_named(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    good = paths[1].read_bytes()
    paths[1].write_bytes(good[:-1])
    with pytest.raises(ModelFileError, match=r"model-00002-of-00003\.gguf is incomplete"):
        read_model(paths[0])
    paths[1].write_bytes(paths[2].read_bytes())
    with pytest.raises(ModelFileError, match="is not part 2"):
        read_model(paths[0])
    other = small_model(**{"split.no": (ValueType.UINT16, 1)})
    write_file(other, paths[1])
    with pytest.raises(ModelFileError, match="same tensor twice"):
        read_model(paths[0])


def test_only_a_whole_lora_adapter_passes_for_one(tmp_path: Path) -> None:
    header = Header(
        {"general.architecture": (ValueType.STRING, "llama"), "general.type": (ValueType.STRING, "adapter")}
    )
    header.tensors.append(Tensor("blk.0.attn_q.weight.lora_a", (8, 4), 0, 128))
    path = write_file(header, tmp_path / "adapter.gguf")
    check_adapter(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 16)
    with pytest.raises(ModelFileError, match=r"The LoRA adapter .*adapter\.gguf is incomplete"):
        check_adapter(path)
    with pytest.raises(ModelFileError, match=r"model\.gguf is no LoRA adapter"):
        check_adapter(write_file(small_model(), tmp_path / "model.gguf"))
