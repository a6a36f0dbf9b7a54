"""The publishing desk (发布台): what one person brings in, another looks at as it would turn out, and only then the register publishes."""
