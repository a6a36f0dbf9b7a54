"""The register: what is true, since when, and since when known. See docs/architecture.md."""
