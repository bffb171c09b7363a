"""What a network looks at in one ECG: maps over leads and waves, each beside those of networks with random weights."""
