"""``call.html``: one conversation in, one file out. It needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.html.call.drawing import call_markup
from voicetel.reporters.html.call.view import call_view
from voicetel.reporters.html.markup import element, join
from voicetel.reporters.html.options import PageOptions, slow_ms
from voicetel.reporters.html.page_shell import footer, whole_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.conversation.results import Conversation

DEFAULT_OPTIONS = PageOptions()


def call_page(talk: Conversation, options: PageOptions = DEFAULT_OPTIONS, paths: Sequence[str] = ()) -> str:
    """The page of one call. ``paths``: the logs that it was read from. The same conversation gives the same text."""
    view = call_view(talk, options, slow_ms(options.limits))
    body = join(element("main", call_markup(view, options.translate), class_="call"), footer(options, paths))
    return whole_page(f"{view.call_id} · voicetel", body, options)
