"""The PagerDuty account of the twin: its REST API, its Events API and its integration addresses."""
