"""The open questions about pre-training and mixtures, asked again on anybody's own ECGs (`exchangeai experiment`)."""
