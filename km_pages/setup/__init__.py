"""What ``km_setup`` makes: tree, groups, permissions, workflow, lists and the first content."""
