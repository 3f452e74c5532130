"""A written request beside what it belongs with: its ready text, its doubles, the calls about the same matter."""
