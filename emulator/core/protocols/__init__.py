"""Wire envelopes: how a family of APIs puts documents and errors into HTTP.

A protocol belongs to a framework or gateway that several services share, not to one
vendor's service; service.json names the one a provider speaks.
"""
