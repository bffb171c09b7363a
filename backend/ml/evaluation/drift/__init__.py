"""Whether ECGs are like those that a model learned from: what is kept of these, and how others are held against it."""
