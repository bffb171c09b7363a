"""ExChanGeAI: read, look at, label and learn from 12-lead ECGs on one's own machine."""
