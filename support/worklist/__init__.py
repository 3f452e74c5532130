"""What is to do now? The one list of a desk."""
