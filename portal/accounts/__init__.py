"""Who is at the other end: cookies, the guard of every route, tokens of forms, the identity platform. See docs/decisions/0011."""
