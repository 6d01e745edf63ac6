"""What was measured: read from the local stack's logs or from CloudWatch, added up, shown."""
