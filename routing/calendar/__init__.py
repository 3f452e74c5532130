"""When? Weekly hours, public holidays, open days, and how a moment is said."""
