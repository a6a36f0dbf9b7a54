"""What gunicorn reads by itself when it is started here, however it is started."""

from gunicorn.http import message

LONGEST_ADDRESS = 128 * 1024  # bytes

# A question may have 1,000 Chinese characters, 9,000 bytes once they are percent-encoded; gunicorn stops at 8,190 with a page of its
# own. Up to here the portal itself answers, with 413 and the reason.
message.MAX_REQUEST_LINE = LONGEST_ADDRESS
limit_request_line = LONGEST_ADDRESS

# Threads that never wait for somebody who sends slowly; portal/worker.py says how. TLS ends at the proxy in front.
worker_class = "portal.worker.Worker"
threads = 4
