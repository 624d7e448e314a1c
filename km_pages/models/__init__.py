"""The models of km_pages: what is known, by whom, and who may see it."""

from km_pages.models.approvals import ApprovalState, HolderApproval, TeamApprovalTask
from km_pages.models.collections import CollectionPage
from km_pages.models.files import (
    Attachment,
    FilePassage,
    FileReplacement,
    RevisionFile,
    ScanState,
    StoredFile,
    TextState,
    placings_of,
    versions_of,
)
from km_pages.models.following import SavedSearch
from km_pages.models.gaps import GapReport, SearchGap
from km_pages.models.guide_changes import GuideChange
from km_pages.models.jobs import IndexChange, Job, JobState
from km_pages.models.knowledge import (
    KnowledgeAssetPage,
    KnowledgeItemMixin,
    KnowledgeTag,
    RepositoryPage,
    TeamSectionPage,
    TeamSpacePage,
)
from km_pages.models.links import LinkReading, LinkState, LinkUse, OutsideLink
from km_pages.models.mails import OutgoingMail
from km_pages.models.offers import Offer
from km_pages.models.page_use import PageUse
from km_pages.models.pages import HomePage, StandardPage
from km_pages.models.provenance import Checked, Credited
from km_pages.models.search_log import (
    ClickedRank,
    SearchedBy,
    SearchedDay,
    SearchedMonth,
    SearchEvent,
    SearchKey,
)
from km_pages.models.setup import SetupRecord
from km_pages.models.sign_in import SignInLink
from km_pages.models.site_settings import SiteSettings
from km_pages.models.synonyms import Synonym
from km_pages.models.teams import Invitation, Post, Team
from km_pages.models.technique_formats import TechniqueFormat
from km_pages.models.techniques import RelatedTechnique, TechniqueIndexPage, TechniquePage
from km_pages.models.vocabulary import (
    Framework,
    FrameworkEntry,
    Goal,
    KnowledgeType,
    LearningPhase,
    OutputType,
    Topic,
)

__all__ = [
    "ApprovalState",
    "Attachment",
    "Checked",
    "ClickedRank",
    "CollectionPage",
    "Credited",
    "FilePassage",
    "FileReplacement",
    "Framework",
    "FrameworkEntry",
    "GapReport",
    "Goal",
    "GuideChange",
    "HolderApproval",
    "HomePage",
    "IndexChange",
    "Invitation",
    "Job",
    "JobState",
    "KnowledgeAssetPage",
    "KnowledgeItemMixin",
    "KnowledgeTag",
    "KnowledgeType",
    "LearningPhase",
    "LinkReading",
    "LinkState",
    "LinkUse",
    "Offer",
    "OutgoingMail",
    "OutputType",
    "OutsideLink",
    "PageUse",
    "Post",
    "RelatedTechnique",
    "RepositoryPage",
    "RevisionFile",
    "SavedSearch",
    "ScanState",
    "SearchEvent",
    "SearchGap",
    "SearchKey",
    "SearchedBy",
    "SearchedDay",
    "SearchedMonth",
    "SetupRecord",
    "SignInLink",
    "SiteSettings",
    "StandardPage",
    "StoredFile",
    "Synonym",
    "Team",
    "TeamApprovalTask",
    "TeamSectionPage",
    "TeamSpacePage",
    "TechniqueFormat",
    "TechniqueIndexPage",
    "TechniquePage",
    "TextState",
    "Topic",
    "placings_of",
    "versions_of",
]
