"""Pure ECG code: recordings in mV and Hz, readers, preprocessing, simulation. Needs numpy and scipy only."""
