"""The border with a telephone operator: what it must be able to do, and a folder for each that we know."""
