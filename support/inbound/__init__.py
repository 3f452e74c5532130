"""What did somebody reply by mail? The mailbox, what is dropped, what belongs to which request."""
