"""Who reads, and what was said? Accounts, qualifications, requests, and the calls as a desk sees them."""
