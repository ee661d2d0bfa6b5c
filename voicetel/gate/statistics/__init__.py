"""What a comparison is computed with: the bootstrap and Student's t."""
