"""What editors, stewards and knowledge managers see in Wagtail's admin."""
