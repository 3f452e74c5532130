"""How is it, and who is told?"""
