"""Keys of the API (接口密钥): plans, who asked for which, the digests of keys, and what was done with them. See docs/keys.md."""
