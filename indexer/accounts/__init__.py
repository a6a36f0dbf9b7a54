"""People (账户): who may log in, as what, and what each has done. Tables and transitions, without the web. See docs/decisions/0011."""
