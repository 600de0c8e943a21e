"""A plan in the form of `terraform show -json`, for the tools that read it: conftest, checkov, infracost."""
