"""What every run goes through, in one order, whichever way it came in."""
