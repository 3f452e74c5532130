"""Where does a webhook write first?"""
