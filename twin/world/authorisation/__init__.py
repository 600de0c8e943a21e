"""Who may call what: AWS's authorisation, enforced in the gateway by the policies that the org has put there."""
