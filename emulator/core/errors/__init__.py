"""What can go wrong with a request, and how it is rendered in a vendor's words."""
