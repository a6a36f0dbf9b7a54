"""Tantivy in this process behind the protocol of search engines: an index in a folder, nothing to install or start."""
