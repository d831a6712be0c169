"""The Markdown parser, set up for what stands in a single block; containers, fences and tables are read elsewhere."""

import logging
import re

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from app.ui.transcript.markdown.math_rule import math_rule


def make_parser() -> MarkdownIt:
    """CommonMark without raw HTML, with strikethrough, bare addresses, footnotes' references and mathematics.

    A single "~" strikes nothing through, other than on GitHub: in prose it means "about" or "from … to".
    """
    logging.getLogger("markdown_it").setLevel(logging.INFO)  # it logs every rule that it tries
    parser = MarkdownIt("commonmark", {"html": False})
    parser.enable("strikethrough")
    parser.disable(["html_block", "html_inline", "list", "blockquote", "fence"])
    marks = parser.inline.terminator_re.pattern
    parser.use(gfm_autolink_plugin)
    parser.inline.terminator_re = re.compile(rf"{marks}|w(?=ww\.)")  # the plugin would stop at every "w"
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    parser.disable("footnote_def")
    parser.inline.ruler.before("escape", "math", math_rule)
    return parser
