"""What the functions wrote: read from the local stack's files or from CloudWatch, and picked."""
