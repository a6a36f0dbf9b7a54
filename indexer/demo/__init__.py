"""Demonstration data (演示数据): invented enterprises and records in files exactly as agencies would send
them.

Nothing here is about anybody real. Every name says 示例, every unified code has the region part 329900, which
GB/T 2260 does not assign, and an organisation code from the range PDY00001–PDY99999 that GB 11714 keeps for
private use.
"""
