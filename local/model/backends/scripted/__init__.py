"""No model at all, but a script: exact, instant and able to fail on demand."""
