"""Restriction status (限制状态): where one violation restricts its subject (一处违法、处处受限), on a day, by which fact and rule, until when.

`rules.toml` says which fact restricts what; `rules` reads it (with `conditions` and `table`), `facts` is what it is applied to, `spans` says on which
days one rule holds for one fact, `evaluate` puts these together by domain. Pure functions; nothing here reads the register.
"""
