"""SCP-ECG."""
