"""How is it plugged together?"""
