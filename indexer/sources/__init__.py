"""What a file says: readers for every format that agencies send, and the check of each row against its record kind."""
