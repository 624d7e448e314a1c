"""The models of km_toolkit: what people do when somebody leaves."""

from km_toolkit.models.handovers import (
    HOLDER_AWAY,
    MANAGE_HANDOVERS,
    Agreed,
    Handover,
    HandoverState,
    Helping,
    HelpingState,
    KnowledgeArea,
    Priority,
    Reason,
    SkippedStep,
    StepNumber,
    working_days,
)
from km_toolkit.models.learning import (
    LearningIndexPage,
    LearningModulePage,
    LearningSettings,
)
from km_toolkit.models.plans import (
    ActionState,
    Gap,
    Interview,
    InterviewAnswer,
    InterviewState,
    KnowledgeOutput,
    OutputFile,
    Prompt,
    SayBack,
    TransferAction,
)
from km_toolkit.models.progress import ElsewhereCompletion, ModuleProgress
from km_toolkit.models.questions import QuestionLink, RequestSupport, TeamRequest
from km_toolkit.models.reminders import MailChoice, Reminder, who_wants
from km_toolkit.models.toolkit import ActivityPage, ToolkitPage, ToolkitStep

__all__ = [
    "HOLDER_AWAY",
    "MANAGE_HANDOVERS",
    "ActionState",
    "ActivityPage",
    "Agreed",
    "ElsewhereCompletion",
    "Gap",
    "Handover",
    "HandoverState",
    "Helping",
    "HelpingState",
    "Interview",
    "InterviewAnswer",
    "InterviewState",
    "KnowledgeArea",
    "KnowledgeOutput",
    "LearningIndexPage",
    "LearningModulePage",
    "LearningSettings",
    "MailChoice",
    "ModuleProgress",
    "OutputFile",
    "Priority",
    "Prompt",
    "QuestionLink",
    "Reason",
    "Reminder",
    "RequestSupport",
    "SayBack",
    "SkippedStep",
    "StepNumber",
    "TeamRequest",
    "ToolkitPage",
    "ToolkitStep",
    "TransferAction",
    "who_wants",
    "working_days",
]
