"""Is something wrong everywhere at once?"""
