"""What is in force? Directories, rules, and the snapshot that every call is routed by."""
