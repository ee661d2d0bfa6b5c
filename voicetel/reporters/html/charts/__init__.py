"""Charts as SVG: data in, markup out. They know nothing of calls.

Places across are shares of the width, so that one picture fits every width and its letters keep their size. Colours come
from classes; fill and stroke stand as attributes too, for where a server forbids the style sheet.
"""
