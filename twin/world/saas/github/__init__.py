"""GitHub: an organisation's repositories, its Actions with their environments, and the tokens that Actions mint."""
