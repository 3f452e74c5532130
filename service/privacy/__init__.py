"""What is kept of people, how long, and who carries it out?"""
