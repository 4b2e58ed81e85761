"""The floor: a Flask application that reads the body and returns a constant."""

from flask import Flask, Response, request

app = Flask(__name__)
BODY = (
    b'{"datasetArn":"arn:aws:personalize:us-east-1:123456789012:dataset/demo-group/INTERACTIONS"}'
)


@app.route("/", methods=["GET", "POST"])
def respond() -> Response:
    request.get_data()
    return Response(BODY, content_type="application/json")
