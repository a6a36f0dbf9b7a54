"""Exchange with other systems (数据交换): what partners hold of this register, and what they deliver to it; see docs/exchange.md."""
