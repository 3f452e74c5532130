"""What does somebody write, and is it answered before it is sent? The public form, until its address is proved."""
