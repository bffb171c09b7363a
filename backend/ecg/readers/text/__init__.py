"""Text tables: CSV, TSV and the like."""
