"""What is too heavy for a page is done here: one work at a time on each machine, in processes of their own."""
