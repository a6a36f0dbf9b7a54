"""What the law counts: dated periods, publicity, work days, and what of a person is never shown."""
