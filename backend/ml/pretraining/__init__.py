"""Pre-training of an embedding on ECGs, most of which need no label."""
