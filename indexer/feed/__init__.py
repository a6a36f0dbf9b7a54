"""The change feed (变更流): what became public, changed and ceased to be public, in order, for mirrors. See docs/changes.md."""
