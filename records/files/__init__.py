"""Where are the files kept that rows speak of: messages, recordings, attachments?"""
