"""StreamField blocks: the structured parts of techniques and of knowledge items."""
