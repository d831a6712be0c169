"""Each stage of the sampler, seen in the tokens that are drawn from the logits of one real prompt."""

import ctypes
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import llama_cpp.llama_cpp as llama
import pytest

from app.core.errors import GenerationError, InvalidParameterError, OutputFormatError
from app.core.generation import SamplingParameters, TokenBias
from app.engine import bindings
from app.engine.sampler import Sampler
from app.engine.sampling import SamplerContext, sampler_chain
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model

# Everything off: what a test switches on is then the only thing that acts.
PLAIN = SamplingParameters(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, seed=1)
GREEDY = replace(PLAIN, temperature=0.0)
PROMPT = b"The old man walked down to the"


@dataclass(frozen=True)
class Logits:
    """The model after the prompt: nothing is evaluated any more, so that every draw is from the same logits."""

    model: SamplerContext
    context: int
    values: list[float]
    total: float

    @property
    def ranked(self) -> list[int]:
        """All tokens, the likeliest first."""
        return sorted(range(len(self.values)), key=lambda token: -self.values[token])

    def probability(self, token: int) -> float:
        """Of a token, at temperature 1."""
        return math.exp(self.values[token]) / self.total

    def draw(
        self,
        parameters: SamplingParameters,
        count: int = 1,
        grammar: str | None = None,
        history: Sequence[int] = (),
    ) -> list[int]:
        """So many tokens, one after another."""
        with sampler_chain(parameters, self.model, grammar, history) as sampler:
            return [sampler.sample(self.context, -1) for _ in range(count)]

    def piece(self, token: int) -> str:
        """A token's text."""
        buffer = ctypes.create_string_buffer(64)
        length = llama.llama_token_to_piece(self.model.vocabulary, token, buffer, len(buffer), 0, True)
        return buffer.raw[:length].decode("utf-8", "replace")


@pytest.fixture(scope="module")
def logits() -> Iterator[Logits]:
    bindings.make_ready()
    model = llama.llama_model_load_from_file(os.fsencode(INCLUDED_MODEL), llama.llama_model_default_params())
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = 64
    context = llama.llama_init_from_model(model, parameters)
    vocabulary = llama.llama_model_get_vocab(model)
    size = llama.llama_vocab_n_tokens(vocabulary)

    def tokenize(text: str) -> list[int]:
        data = text.encode()
        tokens = (llama.llama_token * 64)()
        return list(tokens[: llama.llama_tokenize(vocabulary, data, len(data), tokens, 64, False, True)])

    prompt = tokenize(PROMPT.decode())
    array = (llama.llama_token * len(prompt))(*prompt)
    assert llama.llama_decode(context, llama.llama_batch_get_one(array, len(prompt))) == 0
    values = [float(value) for value in llama.llama_get_logits_ith(context, -1)[:size]]
    yield Logits(SamplerContext(vocabulary, size, 2048, tokenize), context, values, sum(map(math.exp, values)))
    llama.llama_free(context)
    llama.llama_model_free(model)


def test_temperature_zero_takes_the_likeliest(logits: Logits) -> None:
    assert logits.draw(GREEDY, 3) == [logits.ranked[0]] * 3


def test_a_higher_temperature_draws_less_likely_tokens(logits: Logits) -> None:
    rank = {token: place for place, token in enumerate(logits.ranked)}
    cool, hot = (
        sum(rank[token] for token in logits.draw(replace(PLAIN, temperature=temperature), 100))
        for temperature in (0.5, 2.0)
    )
    assert cool < hot


def test_a_seed_repeats_the_draws_and_another_does_not(logits: Logits) -> None:
    assert logits.draw(PLAIN, 20) == logits.draw(PLAIN, 20)
    assert logits.draw(PLAIN, 20) != logits.draw(replace(PLAIN, seed=2), 20)


def test_a_missing_seed_is_drawn_and_told(logits: Logits) -> None:
    drawn = {replace(PLAIN, seed=None).seeded().seed for _ in range(5)}
    assert len(drawn) == 5
    assert all(seed is not None and 0 <= seed <= 2**32 - 2 for seed in drawn)
    assert PLAIN.seeded() == PLAIN
    told = replace(PLAIN, seed=None).seeded()
    assert logits.draw(told, 20) == logits.draw(told, 20)
    assert logits.draw(replace(PLAIN, seed=None), 20) != logits.draw(replace(PLAIN, seed=None), 20)


def test_top_k_leaves_the_k_likeliest(logits: Logits) -> None:
    drawn = logits.draw(replace(PLAIN, top_k=3, temperature=3.0), 60)
    assert set(drawn) == set(logits.ranked[:3])


def test_top_k_may_be_larger_than_any_vocabulary(logits: Logits) -> None:
    assert logits.draw(replace(PLAIN, top_k=10**12), 20) == logits.draw(replace(PLAIN, top_k=len(logits.values)), 20)


def test_top_p_leaves_the_fewest_that_have_that_probability(logits: Logits) -> None:
    expected, total = set(), 0.0
    for token in logits.ranked:
        expected.add(token)
        total += logits.probability(token)
        if total >= 0.3:
            break
    drawn = set(logits.draw(replace(PLAIN, top_p=0.3), 200))
    assert len(expected) > 1
    assert drawn <= expected
    assert len(drawn) > 1


def test_min_p_leaves_what_is_likely_beside_the_likeliest(logits: Logits) -> None:
    least = logits.probability(logits.ranked[0]) * 0.3
    expected = {token for token in logits.ranked[:200] if logits.probability(token) >= least}
    drawn = set(logits.draw(replace(PLAIN, min_p=0.3, temperature=3.0), 100))
    assert 1 < len(drawn) <= len(expected)
    assert drawn <= expected


def test_typical_leaves_out_what_surprises_too_much_or_too_little(logits: Logits) -> None:
    free, typical = (set(logits.draw(replace(PLAIN, typical_p=p), 150)) for p in (1.0, 0.2))
    assert len(typical) < len(free)


def test_top_n_sigma_counts_with_the_spread_of_all_logits(logits: Logits) -> None:
    mean = sum(logits.values) / len(logits.values)
    sigma = math.sqrt(sum((value - mean) ** 2 for value in logits.values) / len(logits.values))
    least = max(logits.values) - 0.7 * sigma
    expected = {token for token, value in enumerate(logits.values) if value >= least - 1e-4}
    drawn = set(logits.draw(replace(PLAIN, top_n_sigma=0.7, temperature=5.0, top_k=40), 150))
    assert 1 < len(drawn) <= len(expected)
    assert drawn <= expected


def test_xtc_excludes_the_likeliest(logits: Logits) -> None:
    likely = [token for token in logits.ranked[:20] if logits.probability(token) >= 0.02]
    assert len(likely) > 1
    always = replace(PLAIN, xtc_probability=1.0, xtc_threshold=0.02)
    assert not set(logits.draw(always, 100)) & set(likely[:-1])
    assert set(logits.draw(replace(always, xtc_threshold=0.6), 100)) & set(likely[:-1]), "above one half it is off"


@pytest.mark.parametrize(
    "penalty", [{"repeat_penalty": 4.0}, {"presence_penalty": 2.0}, {"frequency_penalty": 2.0}], ids=str
)
def test_penalties_make_what_was_drawn_less_likely(logits: Logits, penalty: dict[str, float]) -> None:
    drawn = logits.draw(replace(GREEDY, top_k=40, **penalty), 30)  # type: ignore[arg-type]  # all three are floats
    assert drawn[0] == logits.ranked[0]
    assert len(set(drawn)) > 1


def test_the_penalty_range_says_how_far_back_they_look(logits: Logits) -> None:
    best = logits.ranked[0]
    penalised = replace(GREEDY, top_k=40, repeat_penalty=4.0, penalty_range=2)
    assert logits.draw(penalised, history=[best, 5, 6]) == [best]
    assert logits.draw(penalised, history=[5, best]) != [best]
    assert logits.draw(replace(penalised, penalty_range=0), 2) == [best, best]


def test_penalties_act_without_top_k_and_at_any_temperature(logits: Logits) -> None:
    for temperature in (0.0, 0.1, 1.5):
        free, penalised = (
            logits.draw(replace(PLAIN, temperature=temperature, frequency_penalty=penalty), 60)
            for penalty in (0.0, 2.0)
        )
        assert len(set(penalised)) > len(set(free))


def test_dry_avoids_to_go_on_with_a_repetition(logits: Logits) -> None:
    best = logits.ranked[0]
    repeated = [1001, 1002, 1003, best, 2001, 1001, 1002, 1003]
    dry = replace(GREEDY, top_k=40, dry_multiplier=100.0, dry_allowed_length=2, dry_breakers=())
    assert logits.draw(dry, history=repeated) != [best]
    assert logits.draw(replace(dry, dry_allowed_length=4), history=repeated) == [best]
    assert logits.draw(replace(dry, dry_range=4), history=repeated) == [best]
    breaker = logits.piece(1003)
    assert logits.draw(replace(dry, dry_breakers=(breaker,)), history=repeated) == [best]


def test_mirostat_holds_the_surprise_it_is_told(logits: Logits) -> None:
    low, high = (len(set(logits.draw(replace(PLAIN, mirostat=True, mirostat_tau=tau), 80))) for tau in (0.5, 8.0))
    assert low < high


def test_a_bias_forbids_forces_and_adds_up(logits: Logits) -> None:
    best, second = logits.ranked[:2]
    assert logits.draw(replace(GREEDY, logit_bias=(TokenBias(best, -math.inf),))) == [second]
    assert logits.draw(replace(PLAIN, logit_bias=(TokenBias(77, 1000.0),)), 5) == [77] * 5
    by_text = TokenBias(logits.piece(77), 1000.0)
    assert logits.draw(replace(GREEDY, logit_bias=(by_text,))) == [77]
    both = (TokenBias(77, 1000.0), TokenBias(77, -1000.0))
    assert logits.draw(replace(GREEDY, logit_bias=both)) == [best]


@pytest.mark.parametrize("token", ["certainly two tokens", "", -1, 10**9])
def test_a_bias_on_what_is_not_one_token_is_refused_by_name(logits: Logits, token: int | str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        logits.draw(replace(PLAIN, logit_bias=(TokenBias(token, 1.0),)))
    assert (repr(token) if isinstance(token, str) else str(token)) in caught.value.sentence


def test_everything_at_once_draws_tokens(logits: Logits) -> None:
    everything = SamplingParameters(
        temperature=1.2,
        typical_p=0.9,
        top_n_sigma=2.0,
        xtc_probability=0.5,
        xtc_threshold=0.05,
        dry_multiplier=0.8,
        repeat_penalty=1.1,
        presence_penalty=0.5,
        frequency_penalty=0.5,
        seed=5,
        logit_bias=(TokenBias(7, 2.0), TokenBias(8, -math.inf)),
    )
    for parameters in (everything, replace(everything, mirostat=True), replace(everything, top_k=0)):
        drawn = logits.draw(parameters, 40, "root ::= [a-z ]+", range(1, 100))
        assert all(0 <= token < len(logits.values) for token in drawn)


def test_a_grammar_allows_only_its_own_and_the_end_only_when_complete(logits: Logits) -> None:
    for seed in range(5):
        drawn = logits.draw(replace(PLAIN, seed=seed, top_k=40), 3, 'root ::= "7" [ab]')
        assert "".join(map(logits.piece, drawn[:2])) in ("7a", "7b")
        assert llama.llama_vocab_is_eog(logits.model.vocabulary, drawn[2])


def test_a_grammar_that_allows_all_changes_nothing(logits: Logits) -> None:
    penalised = replace(PLAIN, frequency_penalty=0.5, dry_multiplier=1.0)
    assert logits.draw(penalised, 40) == logits.draw(penalised, 40, "root ::= [^\\x00]*")


def test_what_a_grammar_refused_is_not_remembered(logits: Logits) -> None:
    # Greedily the likeliest is drawn first each time, refused, and must not be penalised for it.
    parameters = replace(GREEDY, top_k=40, frequency_penalty=2.0)
    best = logits.ranked[0]
    with sampler_chain(parameters, logits.model, 'root ::= "7" .*') as sampler:
        assert logits.piece(sampler.sample(logits.context, -1)) == "7"
        assert sampler.sample(logits.context, -1) == best


def test_a_suspended_grammar_is_taken_up_where_it_was(logits: Logits) -> None:
    with sampler_chain(GREEDY, logits.model, 'root ::= "7"') as sampler:
        sampler.constrained = False
        assert sampler.sample(logits.context, -1) == logits.ranked[0]
        sampler.constrained = True
        assert logits.piece(sampler.sample(logits.context, -1)) == "7"


def test_where_nothing_is_allowed_the_process_lives(logits: Logits) -> None:
    digits = [token for token in range(len(logits.values)) if logits.piece(token) in ("7", "77")]
    forbidden = replace(PLAIN, logit_bias=tuple(TokenBias(token, -math.inf) for token in digits))
    with pytest.raises(GenerationError, match="allows nothing"):
        logits.draw(forbidden, 1, 'root ::= "7"')


@pytest.mark.expects_log_records
def test_a_grammar_that_llama_cpp_refuses_is_an_error_and_no_crash(logits: Logits) -> None:
    with pytest.raises(OutputFormatError):
        logits.draw(PLAIN, 1, "root ::= root")


def test_closing_twice_is_harmless(logits: Logits) -> None:
    for grammar in (None, 'root ::= "a"'):
        with sampler_chain(PLAIN, logits.model, grammar) as sampler:
            assert isinstance(sampler, Sampler)
        sampler.close()


def test_the_structures_are_those_that_the_view_of_a_chain_relies_on() -> None:
    assert [name for name, *_ in llama.llama_sampler._fields_] == ["iface", "ctx"]
    names = [name for name, *_ in llama.llama_sampler_i._fields_]
    assert names[:6] == ["name", "accept", "apply", "reset", "clone", "free"]
    assert ctypes.sizeof(llama.llama_sampler_i) == len(names) * ctypes.sizeof(ctypes.c_void_p)
