"""What does the national team see of privacy carried out?"""
