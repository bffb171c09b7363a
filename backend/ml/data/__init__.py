"""What is learned from: tables of labels, the split by patient, the arrays of a training. Needs numpy alone."""
