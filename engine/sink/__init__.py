"""The log kept as files: from the streams of the store to Parquet, each record once, read by all who learn from it."""
