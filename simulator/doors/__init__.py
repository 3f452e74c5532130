"""How one gets in: the process that serves it, its interface for programs, the page and the terminal."""
