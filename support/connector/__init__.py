"""What does the ministry's CRM hold of a request? What is written there, and what differs."""
