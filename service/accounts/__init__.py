"""Who is it? The gate, signing in, invitations, letters."""
