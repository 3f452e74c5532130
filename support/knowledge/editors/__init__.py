"""What the editors of the knowledge base are told each month: what serves nobody, what is wrong, what is missing."""
