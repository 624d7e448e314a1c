"""Every change of a handover: one class each, with who may do it, and when."""
