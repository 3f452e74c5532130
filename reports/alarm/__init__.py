"""Does the telephone itself work: are people reached, and do calls come in?"""
