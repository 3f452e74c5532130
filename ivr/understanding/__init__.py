"""What did the caller mean? Keys, words, numbers and names, heard as a département; pure."""
