"""The mails of a request: who is told of a step, in which words, with which appointment, and when they leave."""
