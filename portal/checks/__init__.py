"""Bidder checks (投标人核查): many subjects at once, on the day of bid opening, with reasons and a receipt.

`model` is what a check consists of; `sheets` reads bidders from what people have, `identify` says who each is, `requirements` which
certificates each validly holds, `honours` what speaks for it, `ties` what connects them, `checking` puts these together with set queries,
`plain` writes the result as JSON, `workbook` for Excel. `names` tells when two writings are one name, `standards` which standards are one,
`notes` is what is said of a match. The receipt is kept by `indexer.register.receipts`. Nothing here knows Flask.
"""
