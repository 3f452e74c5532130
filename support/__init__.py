"""What did the person need, and who solves it?"""
