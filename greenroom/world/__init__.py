"""A world that goes on: what there is beside the conversation, and how the conversation changes it."""
