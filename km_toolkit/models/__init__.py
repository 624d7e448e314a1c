"""The models of km_toolkit: what people do when somebody leaves."""

from km_toolkit.models.toolkit import ActivityPage, ToolkitPage, ToolkitStep

__all__ = ["ActivityPage", "ToolkitPage", "ToolkitStep"]
