"""The catalogue that ships with the application holds together, and knows models by what their headers say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.core.file_names import is_model, quantization_of
from app.core.generation import SamplingParameters
from app.core.model_file import FileFacts, FileStamp
from app.engine.guards.gguf import ValueType
from app.engine.guards.model_files import read_model
from app.paths import paths_for
from app.services.catalog import read_catalog
from tests.gguf_files import small_model, write_file
from tests.included import catalog

MISTRAL_3 = "mistral-small-24b-2501"
MISTRAL_32 = "mistral-small-3.2-2506"


def recommended(name: str = "", **said: Any) -> str | None:
    """The id of what is recommended for a header that says so."""
    known = catalog().recommendation(FileFacts((), FileStamp(0, 0), name=name, **said))
    return known.id if known else None


def test_every_entry_is_whole_and_its_licence_is_there() -> None:
    known = catalog()
    assert known.included in known.entries
    for entry in known.entries:
        assert len(entry.sha256) == 64
        assert entry.size_bytes > 0
        assert (paths_for(None).resources / "licences" / entry.license_file).is_file()


def test_a_file_is_called_as_its_entry_or_as_itself() -> None:
    known = catalog()
    assert known.name_of(Path("elsewhere") / known.included.file_name) == known.included.name
    assert known.name_of(Path("elsewhere") / "Other-7B.Q4_K_M.gguf") == "Other-7B.Q4_K_M"


def test_a_file_is_recognised_by_its_checksum_alone() -> None:
    known = catalog()
    assert known.recognise(known.included.sha256) is known.included
    assert known.recognise("0" * 64) is None


@pytest.mark.parametrize(
    ("expected", "name", "said"),
    [
        (MISTRAL_3, "Mistral Small 24B Instruct 2501", {"layer_count": 40, "architecture": "llama"}),
        (MISTRAL_3, "Mistral-Small-24B-Instruct-2501", {"basename": "Mistral-Small-24B-Instruct-2501"}),
        (MISTRAL_3, "Models Mistralai Mistral Small 24B Instruct 2501", {"basename": "models-mistralai-Mistral-Small"}),
        (MISTRAL_3, "models--mistralai--Mistral-Small-24B-Instruct-2501", {}),
        (MISTRAL_3, "mistralai/Mistral-Small-24B-Instruct-2501-hf", {"organization": "Mistralai"}),
        (MISTRAL_3, "Mistral Small 3 24B Instruct 2501", {}),
        (MISTRAL_3, "", {"basename": "Mistral-Small", "finetune": "Instruct", "size_label": "24B", "version": "2501"}),
        (MISTRAL_3, "Mistral Small", {"finetune": "Instruct", "size_label": "24B", "version": "2501"}),
        (MISTRAL_32, "Mistral-Small-3.2-24B-Instruct-2506", {"architecture": "mistral3"}),
        (MISTRAL_32, "Mistral Small 3.2 24B Instruct 2506", {"basename": "mistralai_Mistral-Small-3.2"}),
        ("qwen2.5-32b", "Qwen2.5 32B Instruct", {"finetune": "Instruct", "basename": "Qwen2.5", "size_label": "32B"}),
        ("qwen3-8b", "Qwen3 8B Instruct", {"basename": "Qwen3", "layer_count": 36, "architecture": "qwen3"}),
        ("qwen3-8b", "Qwen_Qwen3-8B", {"size_label": "8.2B"}),
        ("deepseek-r1-distill-llama-70b", "DeepSeek R1 Distill Llama 70B", {"organization": "Deepseek Ai"}),
        ("deepseek-r1-distill-qwen-1.5b", "DeepSeek-R1-Distill-Qwen-1.5B", {"size_label": "1.8B"}),
        ("gpt-oss-20b", "Gpt Oss 20b", {"basename": "gpt-oss", "size_label": "32x2.4B", "architecture": "gpt-oss"}),
        ("gpt-oss-20b", "Openai_Gpt Oss 20b", {"organization": "OpenAI"}),
    ],
)
def test_a_model_is_known_however_its_name_was_written(expected: str, name: str, said: dict[str, Any]) -> None:
    assert recommended(name, **said) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", {}),
        ("Mistral Small 3.1 24B Instruct 2503", {"organization": "Mistralai"}),
        ("Mistral Small Instruct 2409", {"size_label": "22B"}),
        ("Mistral Small 24B Base 2501", {}),
        ("Mistral Small 24B Instruct", {"version": "2503"}),
        ("Mistral Small 24B Instruct", {}),
        ("Mistral Small 3.1 24B Instruct 2501", {}),
        ("Dolphin3.0 Mistral Small 24B Instruct 2501", {}),
        ("Mistral Small 24B Instruct 2501 abliterated", {}),
        ("Mistral Small 24B Instruct 2501", {"finetune": "Instruct-writer"}),
        ("Mistral Small 24B Instruct 2501", {"basename": "Cydonia"}),
        ("Mistral Small 24B Instruct 2501", {"version": "2503"}),
        ("Mistral Small 24B Instruct 2501", {"organization": "Somebody"}),
        ("Mistral Small 24B Instruct 2501", {"layer_count": 32}),
        ("Qwen2.5 14B Instruct", {"size_label": "14B"}),
        ("Qwen2.5 32B", {"size_label": "32B"}),
        ("Qwen2.5 Coder 32B Instruct", {}),
        ("Qwen3 8B Base", {}),
        ("Qwen3 8B", {"architecture": "qwen2"}),
        ("Qwen3 4B", {"size_label": "4B"}),
        ("DeepSeek R1 0528 Qwen3 8B", {}),
        ("DeepSeek R1 Distill Llama 32B", {}),
        ("Gpt Oss 120b", {"size_label": "128x4B"}),
        ("Huihui gpt oss 20b BF16 abliterated", {}),
    ],
)
def test_nothing_is_recommended_for_a_model_that_is_only_alike(name: str, said: dict[str, Any]) -> None:
    assert recommended(name, **said) is None


def test_a_model_s_file_is_known_by_its_header(tmp_path: Path) -> None:
    said = {"name": "model", "basename": "Mistral-Small-3.2", "finetune": "Instruct", "version": "2506"}
    for name, expected in (("Mistral Small 3.2 24B Instruct 2506", MISTRAL_32), ("My own", None)):
        header = small_model(
            **{f"general__{key}": (ValueType.STRING, text) for key, text in {**said, "name": name}.items()}
        )
        found = catalog().recommendation(read_model(write_file(header, tmp_path / "model.gguf")))
        assert (found.id if found else None) == expected


def test_the_recommended_figures_are_those_of_their_sources() -> None:
    figures = {known.id: known.sampling for known in catalog().recommendations}
    assert figures == {
        MISTRAL_3: SamplingParameters(temperature=0.15),
        MISTRAL_32: SamplingParameters(temperature=0.15, top_p=1.0, top_k=0),
        "qwen2.5-32b": SamplingParameters(temperature=0.7, top_p=0.8, top_k=20),
        "qwen3-8b": SamplingParameters(temperature=0.6),
        "gpt-oss-20b": SamplingParameters(temperature=1.0, top_p=1.0),
        **{
            f"deepseek-r1-distill-{size}": SamplingParameters(temperature=0.6)
            for size in ("qwen-1.5b", "qwen-7b", "llama-8b", "qwen-14b", "qwen-32b", "llama-70b")
        },
    }
    assert all(known.source for known in catalog().recommendations)


def test_each_recommendation_is_found_by_its_own_words_alone() -> None:
    for known in catalog().recommendations:
        for words in (known.words, known.words + known.other_words):
            assert recommended(" ".join(words), architecture=known.architecture) == known.id


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"temprature": 1}, r"recommendations\[0\] has what is not known: temprature\."),
        ({"source": None}, r"recommendations\[0\]\.source must be str, but it is None\."),
        ({"layer_count": "40"}, r"recommendations\[0\]\.layer_count must be int, but it is '40'\."),
        ({"words": "mistral small"}, r"\.words must be a list of words, but it is 'mistral small'\."),
        ({"words": []}, r"\.words must be a list of words, but it is \[\]\."),
        ({"sampling": {}}, r"\.sampling must hold at least one parameter, but it is \{\}\."),
        ({"sampling": {"temperature": 9}}, r"\.sampling\.temperature cannot be 9\."),
        ({"sampling": {"top_k": "off"}}, r"\.sampling\.top_k cannot be 'off'\."),
        ({"sampling": {"system_prompt": "none"}}, r"\.sampling\.system_prompt cannot be 'none'\."),
        ({"id": MISTRAL_32}, r"'recommendations' has an id twice\."),
    ],
)
def test_what_does_not_hold_to_the_schema_is_named(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    document = json.loads(paths_for(None).catalog.read_text(encoding="utf-8"))
    document["recommendations"][0].update(change)
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_catalog(path, tmp_path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    whole = json.loads(paths_for(None).catalog.read_text(encoding="utf-8"))
    path = tmp_path / "catalog.json"
    sourceless = [{k: v for k, v in known.items() if k != "source"} for known in whole["recommendations"]]
    for document, sentence in (
        ({**whole, "recommendations": sourceless}, r"recommendations\[0\] lacks source\."),
        ({**whole, "recommendations": ["Mistral"]}, r"recommendations\[0\] is no object\."),
        ({**whole, "models": {}}, r"'models' is no list\."),
        ({**whole, "included": "another"}, "no model 'another'"),
    ):
        path.write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(ValueError, match=sentence):
            read_catalog(path, tmp_path)


def test_every_offer_is_whole() -> None:
    offers = catalog().offers
    assert len(offers) == 47
    for offer in offers:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", offer.repository), offer.id
        assert offer.parameter_count > offer.active_parameter_count >= 0, offer.id
        assert all((offer.maker, offer.license, offer.source)), offer.id
        assert set(offer.abilities) <= {"tools", "vision", "code", "languages", "reasoning"}, offer.id
        assert offer.outline is None or offer.outline.context_length == offer.context_length, offer.id
        sizes = [file.size_bytes for file in offer.files]
        assert sizes == sorted(set(sizes), reverse=True), offer.id
        assert sizes[-1] > 0
        for file in offer.files:
            assert is_model(file.name), file.name
            assert quantization_of(file.name) == file.quantization, file.name
            assert re.fullmatch(r"[0-9a-f]{64}|", file.sha256), file.name
            assert file.exact or not file.sha256, file.name


def test_full_precision_is_offered_of_small_models_and_nothing_below_q2_k_of_any() -> None:
    for offer in catalog().offers:
        offered = {file.quantization.removeprefix("UD-") for file in offer.files}
        assert not any(name.startswith(("IQ1", "IQ2", "IQ3", "TQ", "Q1", "F32")) for name in offered), offer.id
        assert offer.parameter_count < 4_000_000_000 or not offered & {"BF16", "F16"}, offer.id


def test_sizes_are_exact_where_bytes_are_known_and_else_never_too_small() -> None:
    mistral, llama = catalog().offer(MISTRAL_3), catalog().offer("llama-3.3-70b")
    assert mistral is not None
    assert llama is not None
    q4 = next(file for file in mistral.files if file.quantization == "Q4_K_M")
    assert (q4.size_bytes, q4.exact) == (14_333_908_672, True)
    rounded = next(file for file in llama.files if file.quantization == "Q4_K_M")
    # Listed as 39.6 GiB; the same tensors take 42,520,398,752 bytes in Nemotron 70B.
    assert not rounded.exact
    assert 42_520_398_752 < rounded.size_bytes < 1.005 * 42_520_398_752
    split = next(file for file in llama.files if file.quantization == "Q8_0")
    assert split.name.endswith("-00001-of-00002.gguf")
    assert split.size_bytes > 70_553_706_496


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("mistral-small-24b-2501", MISTRAL_3),
        ("Mistral Small 3 24B", MISTRAL_3),
        ("BARTOWSKI/mistral-small-24b-instruct-2501-gguf", MISTRAL_3),
        ("Mistral Small 3.2", "mistral-small-3.2-2506"),
        ("Llama 3.3 70B", "llama-3.3-70b"),
        ("llama 3.1 8b", "llama-3.1-8b"),
        ("Llama-3.2-3B-Instruct", "llama-3.2-3b"),
        ("Qwen 2.5 32B", "qwen2.5-32b"),
        ("Qwen2.5-32B", "qwen2.5-32b"),
        ("Gemma 2 27B", "gemma-2-27b"),
        ("Phi-4 14B", "phi-4-14b"),
        ("Ministral 8B", "ministral-8b-2410"),
        ("Ministral 3B", "ministral-3-3b-2512"),
        ("DeepSeek R1 Distill Llama 8B", "deepseek-r1-distill-llama-8b"),
        (" gpt-oss ", "gpt-oss-20b"),
        ("DeepSeek R1", None),
        ("Mistral Small 4", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_model_is_found_by_what_people_call_it(called: str, expected: str | None) -> None:
    found = catalog().offer(called)
    assert (found.id if found else None) == expected


def test_every_model_that_is_recommended_for_is_offered() -> None:
    known = catalog()
    for recommendation in known.recommendations:
        assert known.offer(recommendation.id) is not None, recommendation.id


def test_the_sources_of_an_offer_are_spelt_out() -> None:
    offer = catalog().offer(MISTRAL_3)
    assert offer is not None
    assert offer.outline is not None
    assert "files: GGUF presets of the llm_client crate" in offer.source
    assert "model card of mistralai/Mistral-Small-24B-Instruct-2501" in offer.outline.source


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"size": 1}, r"offers\[0\] has what is not known: size\."),
        ({"gated": "no"}, r"offers\[0\]\.gated must be bool or NoneType, but it is 'no'\."),
        ({"files": []}, r"offers\[0\]\.files must be a list of objects, but it is \[\]\."),
        ({"files": [{"name": "a.gguf"}]}, r"offers\[0\]\.files\[0\] lacks quantization, size_bytes\."),
        ({"outline": 24}, r"offers\[0\]\.outline is no object\."),
        ({"source": "A"}, r"offers\[0\] must give the sources of its facts\."),
        ({"source": {"license": ["nobody"]}}, r"offers\[0\]\.source\.license must be codes of 'sources'"),
        ({"source": {"license": [["A"]]}}, r"offers\[0\]\.source\.license must be codes of 'sources'"),
        ({"source": {"licence": ["A"]}}, r"offers\[0\] has sources for what it does not say: licence\."),
        ({"id": "llama-3.3-70b"}, r"'offers' has an id twice\."),
    ],
)
def test_an_offer_that_does_not_hold_to_the_schema_is_named(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    document = json.loads(paths_for(None).catalog.read_text(encoding="utf-8"))
    document["offers"][0].update(change)
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_catalog(path, tmp_path)


def test_an_unknown_outline_is_none_and_one_without_a_source_is_refused(tmp_path: Path) -> None:
    document = json.loads(paths_for(None).catalog.read_text(encoding="utf-8"))
    path = tmp_path / "catalog.json"
    document["offers"][0]["outline"]["source"] = "A"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match=r"offers\[0\]\.outline\.source must be codes of 'sources'"):
        read_catalog(path, tmp_path)
    document["offers"][0]["outline"] = None
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_catalog(path, tmp_path).offers[0].outline is None
