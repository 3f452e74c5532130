"""Commands about calls and the operator."""
