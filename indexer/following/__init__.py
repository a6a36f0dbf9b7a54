"""Following (关注): who wants to be told of what, what has changed for them, and the letters that say it. See docs/following.md."""
