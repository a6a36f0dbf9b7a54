"""Finding: documents, queries as data, and the engines behind one protocol. Knows no tables; see docs/architecture.md."""
