"""The commands of privacy: forget, show what is known, apply the periods, print the register."""
