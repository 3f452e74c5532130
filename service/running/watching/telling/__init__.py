"""What is wrong, whom it is told, and how when the database or the mails are what is wrong?"""
