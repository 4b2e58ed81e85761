"""What botocore signs is let in, whatever it is: botocore is the oracle of the canonical form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from emulator.app import Application
from emulator.core.contract.model import NO_OPERATION
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.exchange import Exchange, Request
from emulator.core.primitives.clock import from_iso
from emulator.dialects.aws.sigv4 import SigV4, canonical_request, sign
from tests.core.auth.aws_requests import LISTS_PROJECTS, NOW, SECRET, TOKEN, Desk, emulator

EXAMPLES = settings(max_examples=80, deadline=None, derandomize=True, database=None)
LONG_LIVED, TEMPORARY = ("AKIDEXAMPLE", None), ("ASIAEXAMPLE", TOKEN)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
segments = st.builds(quote, texts, safe=st.sampled_from(["", ":", "~!$&'()*+,;=:@"]))
arns = st.builds("arn:aws:lookoutvision:{}:123456789012:{}/{}".format, texts, texts, texts)
in_path = st.builds(quote, arns, safe=st.sampled_from(["", ":", ":/"]))
"""ARNs as clients write them into a path."""
odd_paths = st.lists(segments | st.sampled_from(["", ".", "..", "%2F", "%2e%2e", "%25"]))
paths = st.builds("/tags/{}".format, in_path) | odd_paths.map(lambda found: f"/{'/'.join(found)}")
pairs = st.lists(st.tuples(texts, texts), max_size=4)
queries = pairs.map(
    lambda found: "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in found)
)
words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
spaced = st.lists(words, max_size=4).map("   ".join) | st.lists(words, max_size=4).map("\t ".join)
names = st.sampled_from(["X-Amz-Meta", "X-Amzn-Client-Token", "Accept", "Range", "If-Match"])


@st.composite
def desks(draw: st.DrawFn, application: Application) -> Desk:
    """Draw how a request is made and signed; botocore presigns no body."""
    presigned = draw(st.booleans())
    query = draw(queries)
    key, token = draw(st.sampled_from([LONG_LIVED, TEMPORARY]))
    return Desk(
        application=application,
        dialect=LISTS_PROJECTS,
        prefixed=draw(st.booleans()),
        method=draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])),
        path=draw(paths) + (f"?{query}" if query else ""),
        params={} if query else dict(draw(pairs)),
        headers=draw(st.dictionaries(names, spaced)),
        body=b"" if presigned else draw(st.binary(max_size=50)),
        expires=draw(st.integers(1, 604800)) if presigned else None,
        key=key,
        token=token,
        secret=draw(texts),
        region=draw(st.sampled_from(["us-east-1", "cn-north-1"])),
    )


def exchange_of(desk: Desk, request: AWSRequest) -> Exchange:
    """Give what the emulator sees of a request, once botocore has prepared it."""
    prepared = request.prepare()
    split = urlsplit(prepared.url)
    target = f"{split.path}?{split.query}" if split.query else split.path
    return Exchange(
        contract=desk.application.contracts["lookoutvision"],
        operation=NO_OPERATION,
        request=Request(
            method=prepared.method,
            target=target,
            prefix="/lookoutvision" if desk.prefixed else "",
            path=unquote(split.path),
            query=parse_qsl(split.query, keep_blank_values=True),
            headers=Headers([("Host", desk.host), *prepared.headers.items()]),
            parameters={},
            peer="",
            body=prepared.body or b"",
        ),
        request_id_for=lambda _: "",
        world=desk.application.world,
        arrived=from_iso(NOW),
    )


def scheme(desk: Desk, secret: str) -> SigV4:
    """The scheme under test, which knows one pair."""
    terms = desk.application.contracts["lookoutvision"].service["credentials"]
    pair = Credential(id=desk.key, secret=secret, token=desk.token)
    return SigV4(terms, Keyring([pair]))


def canonical_of(request: AWSRequest) -> str:
    """The canonical request as botocore makes it, of a request that is signed by now."""
    del request.headers["Authorization"]
    request.url = request.url.partition("&X-Amz-Signature=")[0]
    signer: SigV4Auth = SigV4Auth(None, "lookoutvision", "us-east-1")
    canonical: str = signer.canonical_request(request)
    return canonical


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    application = emulator(tmp_path_factory.mktemp("sigv4"))
    yield application
    application.close()


@EXAMPLES
@given(data=st.data())
def test_every_canonical_request_and_signature_is_that_of_botocore(
    application: Application, data: st.DataObject
) -> None:
    desk = data.draw(desks(application))
    request = desk.signed()
    exchange = exchange_of(desk, request)
    claim = scheme(desk, desk.secret).read(exchange)
    asked, body = exchange.request, hashlib.sha256(exchange.request.body or b"").hexdigest()
    signature = sign(asked, asked.target, claim, desk.secret, body)
    assert signature == claim.signature
    canonical = canonical_request(asked, asked.target, claim.headers, body)
    assert canonical == canonical_of(request)


@EXAMPLES
@given(data=st.data())
def test_every_request_is_proved_with_its_secret_and_with_no_other(
    application: Application, data: st.DataObject
) -> None:
    desk = data.draw(desks(application))
    exchange = exchange_of(desk, desk.signed())
    right, wrong = scheme(desk, desk.secret), scheme(desk, f"{desk.secret}x")
    assert right.verify(exchange, right.read(exchange)).id == desk.key
    with pytest.raises(Unauthenticated) as refused:
        wrong.verify(exchange, wrong.read(exchange))
    assert refused.value.subject == "wrong-signature"


@settings(EXAMPLES, max_examples=50)
@given(data=st.data())
def test_every_arn_in_a_path_is_let_in(application: Application, data: st.DataObject) -> None:
    """Through the whole emulator, which takes the path apart before it is compared."""
    drawn = data.draw(desks(application))
    path = data.draw(in_path.filter(lambda written: "%0A" not in written))  # those have no route
    query = (drawn.path or "").partition("?")[2]
    method = data.draw(st.sampled_from(["GET", "POST", "DELETE"]))
    desk = drawn.but(
        secret=SECRET,
        method=method,
        path=f"/2020-11-20/tags/{path}{f'?{query}' if query else ''}",
    )
    answer = desk.ask()
    entry = list(application.world.journal)[-1]
    assert entry.operation in ("ListTagsForResource", "TagResource", "UntagResource")
    assert answer.status != 403
    refused = desk.but(secret="another").ask()
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (
        403,
        "InvalidSignatureException",
    )


@pytest.mark.parametrize(
    "sent",
    [
        "a=%7e&b=%2f%3A&b=",
        "b=&b=%2F%3a&a=~",
        "b&a=%7E&b=/:",
        "&b=&&a=~&b=%2F:",
    ],
)
def test_a_query_is_signed_as_it_is_decoded(application: Application, sent: str) -> None:
    """The documentation has every name and value encoded anew, and sorted, before it is signed."""
    desk = Desk(application=application, dialect=LISTS_PROJECTS)
    request = desk.but(path=f"{LISTS_PROJECTS.path}?a=~&b=&b=%2F%3A").signed()
    request.url = f"{request.url.partition('?')[0]}?{sent}"
    assert desk.send(request) == LISTS_PROJECTS.accepted
