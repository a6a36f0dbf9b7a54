"""Cases (办件): what people ask of the register's office, each with a number, a day by which it is due, and an end. See docs/cases.md."""
