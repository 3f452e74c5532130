"""What was this call about? The card, its qualification, a call added by hand."""
