"""How is everything kept elsewhere, and put back?"""
