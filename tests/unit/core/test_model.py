"""What load parameters come to: whether tokens are drafted, and how many rows of logits that takes."""

from pathlib import Path

import pytest

from app.core.model import MAX_DRAFT, LoadParameters, Speculation

MODEL, DRAFT = Path("m.gguf"), Path("draft.gguf")


@pytest.mark.parametrize(
    ("draft_model", "speculation", "drafts"),
    [
        (None, Speculation.AUTO, False),
        (None, Speculation.OFF, False),
        (None, Speculation.ON, True),
        (DRAFT, Speculation.AUTO, True),
        (DRAFT, Speculation.ON, True),
        (DRAFT, Speculation.OFF, False),
    ],
)
def test_a_draft_model_is_used_unless_that_is_off(
    draft_model: Path | None, speculation: Speculation, drafts: bool
) -> None:
    load = LoadParameters(MODEL, speculation=speculation, draft_model=draft_model)
    assert load.drafts_ahead is drafts
    assert load.outputs == (MAX_DRAFT + 1 if drafts else 1)
