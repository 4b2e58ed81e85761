"""What a provider adds to its contract: its dialect, handlers, checks and resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.core.contract.files import ContractError
from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.http.auth.authenticator import Schemes
from emulator.core.http.exchange import Request, Scope
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.call import Call, Check, RequestFacts, ScopeFacts
from emulator.core.pipeline.formats import FORMATS
from emulator.core.pipeline.messages import Formats, Messages
from emulator.core.pipeline.verbs import VERBS
from emulator.core.primitives.nearest import with_hint
from emulator.core.primitives.templates import PLACEHOLDER
from emulator.core.storage.resource import Resource

Handler = Callable[[Call, Any], object]
"""Takes a call and its parameters, returns what the response is made from."""

LayerChoice = Callable[[Call, Request], str | None]
"""Takes a call that has no parameters yet, returns the layer that is to answer it, if not this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider; each mapping has an entry per emulated operation, by its name."""

    name: str
    protocol: type[Protocol]
    """How requests and responses are written."""
    schemes: Schemes = field(default_factory=dict)
    """How callers authenticate."""
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    """What operations do that are no plain verb, by their names."""
    formats: Formats = field(default_factory=dict)
    """How values are written that are neither plain JSON nor a format of every provider."""
    resources: Sequence[type[Resource]] = ()
    """The classes of kinds that behave in a way that resources.json cannot say."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """The checks that operations name in `before` and `after`."""
    scope_facts: ScopeFacts | None = None
    """Facts of the caller for templates, besides account, region and caller."""
    request_facts: RequestFacts | None = None
    """Facts of a request for ordered errors, where the vendor does not say what was sent."""
    client: str | None = None
    """What makes a client of the vendor's own library, `module:function`; it is given a URL.

    None where a session of `requests` does.
    """
    layer_of: Mapping[str, LayerChoice] = field(default_factory=dict)
    """What chooses the layer of operations by what is stored, by their names."""
    layers: Mapping[str, Provider] = field(default_factory=dict)
    """Providers for layers of the contract with other operations."""

    def faults(self, contract: Contract) -> Iterator[ContractError]:
        """List what the provider lacks to perform the operations of a contract."""
        kinds = {*contract.kinds, *(resource.kind for resource in self.resources)}
        for operation in contract.operations.values():
            place = f"{self.name}/service.json", f"/operations/{operation.name}"
            if operation.emulated and not operation.does and operation.name not in self.handlers:
                yield ContractError(*place, "nothing handles it")
            for fault in self._faults_of(operation.does, kinds):
                yield ContractError(*place, fault)
        for kind in contract.kinds.values():
            place = f"{self.name}/resources.json", f"/{kind.name}"
            stored = {each.partition("/")[0] for each in kind.stores}
            for name in stored - contract.operations.keys():
                complaint = with_hint(f"there is no operation {name}", name, contract.operations)
                yield ContractError(*place, complaint)
            ends = any(each.ends for each in contract.lifecycles.get(kind.name, {}).values())
            if ends and (kind.facets or kind.texts):
                yield ContractError(*place, "it expires, and so it can have no index")
            for name in {reference.kind for reference in kind.references} - kinds:
                yield ContractError(*place, with_hint(f"there is no kind {name}", name, kinds))

    def faults_of_messages(self, contract: Contract) -> Iterator[ContractError]:
        """List the messages that cannot be translated, or that lack what their verb needs."""
        messages = self.messages(contract)
        for operation in contract.operations.values():
            if not operation.emulated:
                continue
            file = f"{self.name}/{operation.name}.request.json"
            try:
                messages.writer(operation.response.schema)
                wire = messages.wire(operation.request.schema, reading=True)()
            except KeyError as name:
                yield ContractError(file, "", f"there is no format {name.args[0]}")
                continue
            known = {field.attribute for field in wire.fields.values()}
            plain = {} if operation.name in self.handlers else operation.does
            for lacking in _lacking(plain, contract, known):
                yield ContractError(file, "", f"its verb needs a member for {lacking}")

    def _faults_of(self, does: Document, kinds: Collection[str]) -> Iterator[str]:
        named = {*does.get("unless", ()), *does.get("unlessBeside", ()), does.get("kind")} - {None}
        for kind in sorted(named - {*kinds}):
            yield with_hint(f"there is no kind {kind}", kind, kinds)
        checks = {*does.get("before", ()), *does.get("after", ())}
        yield from (f"there is no check {check}" for check in sorted(checks - self.checks.keys()))

    def handler(self, operation: Operation) -> Handler:
        """Return what performs an operation: its own handler, or the plain verb that it is."""
        own = self.handlers.get(operation.name)
        return own or VERBS[operation.does["verb"]]

    def messages(self, contract: Contract) -> Messages:
        """Return what makes readers and writers of a contract's messages."""
        attributes = contract.service.get("attributes", {})
        return Messages({**FORMATS, **self.formats}, attributes)

    def facts(self, scope: Scope) -> Mapping[str, str]:
        """Return the facts of a caller that templates may use."""
        own = {"account": scope.account, "region": scope.region, "caller": scope.caller}
        return {**own, **self.scope_facts(scope)} if self.scope_facts else own

    def known(self, scope: Scope, document: object) -> Mapping[str, object]:
        """Return what texts may say of a request and of its caller."""
        facts = self.facts(scope)
        if self.request_facts is None or not isinstance(document, Mapping):
            return facts
        return {**facts, **self.request_facts(document)}

    def under(self, layers: Sequence[str]) -> Provider:
        """Return the provider for the contract under layers."""
        return next((self.layers[name] for name in reversed(layers) if name in self.layers), self)


def _lacking(does: Document, contract: Contract, known: Collection[object]) -> Iterator[str]:
    """List the attributes that a verb needs and a request does not have."""
    kind = contract.kinds.get(does.get("kind", ""))
    if kind is None:
        return
    if does["verb"] == "list":
        needed = ["most", *does.get("filters", ())]
    elif does["verb"] == "create":
        needed = [reference.member for reference in kind.references]
    else:
        parts = PLACEHOLDER.findall(kind.id)  # which may name it instead of its id
        by_parts = bool(parts) and all(part in known for part in parts)
        needed = [*([] if by_parts else [kind.identifier]), *does.get("filters", ())]
    yield from (name for name in needed if name not in known)
