"""What was done in the last minutes, and can still be undone?"""
