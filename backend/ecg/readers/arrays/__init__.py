"""Numbers without an ECG format of their own: NumPy, MATLAB, HDF5, Parquet, bare samples."""
