"""Reports for programs that ask: parameters as JSON or text in, the JSON of the command out.

``voicetel serve`` and ``voicetel mcp`` stand on it, so that each of their answers is the command's.
"""
