"""What is wrong, who was told of it, and the figures that say so?"""
