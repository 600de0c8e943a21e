"""Who is in an org and what it lets them do, as its endpoints tell it."""
