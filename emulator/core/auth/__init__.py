"""Who is calling: what each scheme of credentials says of account, region and caller."""
