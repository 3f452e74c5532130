"""What people say is wrong with an article, or which answer is missing: said once however many say it, and answered."""
