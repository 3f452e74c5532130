"""What becomes of a call nobody took?"""
