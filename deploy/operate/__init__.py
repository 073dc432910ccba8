"""What operators do from a shell: look a running Ringback over, see and replay parked messages, check the audit log."""
