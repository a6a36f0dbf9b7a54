"""Webhooks (变更推送): changes of the feed sent to receivers as they happen, signed as Standard Webhooks says. See docs/changes.md."""
