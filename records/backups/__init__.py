"""How is the database copied while it serves, and how is a copy put back?"""
