"""Who should answer?"""
