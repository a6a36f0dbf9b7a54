"""Files in, register and search index out. Imports neither the portal nor Flask."""
