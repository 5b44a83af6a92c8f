"""What the command line does: one file a command, and guard.py for what they share."""
