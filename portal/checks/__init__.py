"""Bidder checks (投标人核查): many subjects at once, on the day of bid opening, with reasons and a receipt.

`model` is what a check consists of; `sheets` reads bidders from what people have, `identify` says who each is, `requirements` which
certificates each validly holds, `ties` what connects them, `checking` puts these together with set queries, `workbook` writes the result
for Excel. The receipt is kept by `indexer.register.receipts`. Nothing here knows Flask.
"""
