"""What goes over the wire: documents in, forms out, signed and delivered as the operator does."""
