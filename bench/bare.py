"""The floor: a Flask application that reads the body and returns a constant."""

import asyncio
import sys

from flask import Flask, Response, request

from emulator.server.http_server import HttpServer
from emulator.server.sockets import listening

app = Flask(__name__)
BODY = (
    b'{"datasetArn":"arn:aws:personalize:us-east-1:123456789012:dataset/demo-group/INTERACTIONS"}'
)


@app.route("/", methods=["GET", "POST"])
def respond() -> Response:
    request.get_data()
    return Response(BODY, content_type="application/json")


def main(port: int) -> None:
    """Serve it on the emulator's own server, until a signal ends the process."""
    server, sockets = HttpServer(app, 2**20), [listening("127.0.0.1", port)]
    asyncio.run(server.serve(sockets, lambda: None))


if __name__ == "__main__":
    main(int(sys.argv[1]))
