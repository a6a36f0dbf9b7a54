"""The public data as files (开放数据): what `zhixin export` writes and what /data gives to download. Through the door, without persons."""
