"""What do we say to the caller now?"""
