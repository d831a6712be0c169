"""The grammar that gives an answer its form: of a JSON schema, of any JSON object, or the user's own."""

from app.core.errors import OutputFormatError
from app.core.generation import OutputFormat, OutputKind
from app.engine.forms.gbnf import check_grammar
from app.engine.forms.schema_grammar import Limits, schema_grammar

# By OutputFormat.tightness. An answer that was cut off gets the next: shorter strings and lists end sooner.
_LIMITS = (Limits(1000, 50, 5, 15), Limits(200, 8, 3, 9), Limits(40, 3, 2, 6))


def grammar_for(output: OutputFormat) -> str | None:
    """The GBNF for an answer of this form, which llama.cpp can safely use; None for plain text.

    Raises OutputFormatError, which names the place in the schema or the grammar.
    """
    if output.kind is OutputKind.TEXT:
        return None
    if output.kind is OutputKind.GRAMMAR:
        check_grammar(output.source)
        return output.source
    schema = {"type": "object"} if output.kind is OutputKind.JSON else output.schema()
    grammar = schema_grammar(schema, _LIMITS[min(output.tightness, len(_LIMITS) - 1)])
    try:
        check_grammar(grammar)
    except OutputFormatError as error:
        raise OutputFormatError("The schema is too large or too intricate for a grammar.", error.sentence) from error
    return grammar
