"""How much worse models predict text in each precision: published measurements, as they were read.

The source is tools/perplexity/README.md of ggml-org/llama.cpp: its table of Llama 3 8B on WikiText-2 (pull request
6936; with an importance matrix where there was one) and its table of LLaMA 2.
"""

from typing import NamedTuple

SOURCE = "llama.cpp, tools/perplexity/README.md"


class Measured(NamedTuple):
    """Perplexity, and the mean Kullback-Leibler divergence from the unquantized model."""

    perplexity: float
    divergence: float


FULL_PRECISION = ("F32", "BF16", "F16")
FULL_PERPLEXITY = 6.2332
"""Of Llama 3 8B in F16."""

LLAMA_3_8B = {
    "Q8_0": Measured(6.2343, 0.001355),
    "Q6_K": Measured(6.2534, 0.005452),
    "Q5_K_M": Measured(6.2886, 0.010762),
    "Q5_K_S": Measured(6.3365, 0.016595),
    "Q5_0": Measured(6.3632, 0.022239),
    "Q4_K_M": Measured(6.3829, 0.028152),
    "Q4_K_S": Measured(6.4097, 0.031951),
    "IQ4_NL": Measured(6.4556, 0.035742),
    "IQ4_XS": Measured(6.4597, 0.036334),
    "Q4_0": Measured(6.7001, 0.07194),
    "Q3_K_L": Measured(6.6712, 0.073077),
    "Q3_K_M": Measured(6.7343, 0.084358),
    "IQ3_M": Measured(6.8983, 0.102534),
    "IQ3_S": Measured(6.9655, 0.111278),
    "IQ3_XS": Measured(7.163, 0.138693),
    "IQ3_XXS": Measured(7.4584, 0.183625),
    "Q3_K_S": Measured(7.6029, 0.199821),
    "IQ2_M": Measured(8.6008, 0.325989),
    "Q2_K": Measured(8.6478, 0.3322),
    "IQ2_S": Measured(9.6508, 0.439197),
    "IQ2_XS": Measured(10.7614, 0.54629),
    "IQ2_XXS": Measured(14.0918, 0.812022),
}

LLAMA_2_70B_INCREASE = {"Q6_K": 0.0016, "Q5_K_M": 0.004, "Q4_K_M": 0.012, "Q3_K_M": 0.0472, "Q2_K": 0.0882}
"""By which part perplexity rises in LLaMA 2 70B."""
