"""What the platform says, in the language of whoever asks."""
