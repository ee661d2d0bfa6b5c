"""A call and its turns: from the records of those who spoke to the events and figures of the call."""
