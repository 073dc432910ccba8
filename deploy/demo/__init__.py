"""A demo centre, so that the first look shows something: invented people, a month's roster, a change under way, calls.

Everything is entered over HTTP as its users would; entering it again changes nothing.
"""
