"""``voicetel sql``: one SELECT of a user's over the relations of ``relations``, in a process that can do nothing else.

``database`` writes the relations into a private file, ``child`` opens it read-only, locks itself in and runs the query,
``run`` starts and watches it.
"""
