"""One step of the conversation each."""
