"""The rule book (规则版本库): every approved edition of the restriction rules' table whole, and the drafts that wait for a second person.

What a table means is the portal's to know (`portal.restrictions`); here it is a text with a version and the time from which it is in force.
"""
