"""All of stdout, and ``-o FILE``: in which format, how wide, and never over somebody's logs."""

from voicetel.cli.output.answers import Answer, write_answer, write_report
from voicetel.cli.output.targets import FORMATS, Format, Target, set_default_format, target
from voicetel.cli.output.texts import echo, terminal, write

__all__ = [
    "FORMATS",
    "Answer",
    "Format",
    "Target",
    "echo",
    "set_default_format",
    "target",
    "terminal",
    "write",
    "write_answer",
    "write_report",
]
