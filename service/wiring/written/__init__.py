"""The written channel plugged in: its mails, its files, its mailbox, its connector, by this machine's settings."""
