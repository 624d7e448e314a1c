"""The models of km_toolkit: what people do when somebody leaves."""

from km_toolkit.models.areas import KnowledgeArea, Priority
from km_toolkit.models.handovers import (
    HOLDER_AWAY,
    MANAGE_HANDOVERS,
    Agreed,
    Handover,
    HandoverState,
    Reason,
    SkippedStep,
    StepNumber,
    working_days,
)
from km_toolkit.models.helping import Helping, HelpingState
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
from km_toolkit.models.record_counts import CountKind, LearningCount, LearningQuarter
from km_toolkit.models.record_papers import PaperKind, PaperState, RecordPaper
from km_toolkit.models.records import (
    DraftFile,
    LearningActivity,
    LearningDraft,
    LearningEntry,
    LearningEvidence,
    LearningOrigin,
    LearningScheme,
    LearningTarget,
    SchemePart,
)
from km_toolkit.models.reminders import CalendarAddress, MailChoice, Reminder, who_wants
from km_toolkit.models.toolkit import ActivityPage, ToolkitPage, ToolkitStep

__all__ = [
    "HOLDER_AWAY",
    "MANAGE_HANDOVERS",
    "ActionState",
    "ActivityPage",
    "Agreed",
    "CalendarAddress",
    "CountKind",
    "DraftFile",
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
    "LearningActivity",
    "LearningCount",
    "LearningDraft",
    "LearningEntry",
    "LearningEvidence",
    "LearningIndexPage",
    "LearningModulePage",
    "LearningOrigin",
    "LearningQuarter",
    "LearningScheme",
    "LearningSettings",
    "LearningTarget",
    "MailChoice",
    "ModuleProgress",
    "OutputFile",
    "PaperKind",
    "PaperState",
    "Priority",
    "Prompt",
    "QuestionLink",
    "Reason",
    "RecordPaper",
    "Reminder",
    "RequestSupport",
    "SayBack",
    "SchemePart",
    "SkippedStep",
    "StepNumber",
    "TeamRequest",
    "ToolkitPage",
    "ToolkitStep",
    "TransferAction",
    "who_wants",
    "working_days",
]
