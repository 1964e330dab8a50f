"""The world browser: what there is beside the conversation, how it came about, and what may be done about it."""
