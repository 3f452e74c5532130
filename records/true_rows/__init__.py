"""Is every row what its facts say, and how long are the facts kept?"""
