"""Reconciliation (名称对照): spreadsheets of names matched with the register, by the API of the W3C Entity Reconciliation Community Group."""
