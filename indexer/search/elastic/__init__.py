"""Elasticsearch 8 or 9 behind the protocol of search engines: for a register that outgrows one machine."""
