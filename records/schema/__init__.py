"""How is it kept? The tables, and the numbered migrations that lead to them."""
