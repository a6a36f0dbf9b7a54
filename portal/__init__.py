"""The portal (门户): what answers people. Pages, JSON API and restriction status over the register that `indexer` keeps."""
