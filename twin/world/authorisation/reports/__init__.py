"""What IAM tells of permissions and their use: simulations, last access, the credential report."""
