"""What proves, beside a link, that it is somebody? Codes of an application, and those that replace it."""
