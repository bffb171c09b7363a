"""Whether ECGs are like those that a model learned from: what is kept of the latter, and how others are held against it."""
