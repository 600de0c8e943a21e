"""Who is on call when, and what an escalation policy makes of it: pure decisions over PagerDuty's own records."""
