"""What ``validate`` tells of lines, found in the logs themselves."""
