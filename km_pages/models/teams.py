"""Teams, the posts in them, and invitations to join."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by what somebody is in them."""

    def with_member(self, user: Any) -> TeamQuerySet:
        """Teams that ``user`` is a member or a steward of."""
        if not user.is_authenticated:
            return self.none()
        return self.with_one_of(user.groups.all())

    def with_one_of(self, groups: Any) -> TeamQuerySet:
        """Teams of which one of ``groups`` is that of the members or of the stewards."""
        return self.filter(Q(members_group__in=groups) | Q(stewards_group__in=groups))

    def with_steward(self, user: Any) -> TeamQuerySet:
        """Teams that ``user`` stewards."""
        return self.filter(stewards_group__in=user.groups.all()) if user.pk else self.none()


class Team(models.Model):
    """Some people who work together, with a space in the repository.

    Membership is that of two Django groups which the team owns, because Wagtail's permissions,
    restrictions and approvals read groups: there is no second list that could differ.
    A steward counts as a member.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("short name in addresses"), max_length=80, unique=True)
    purpose = models.TextField(_("what the team does"), blank=True)
    members_group = models.OneToOneField(
        Group, on_delete=models.PROTECT, related_name="km_member_team", editable=False
    )
    stewards_group = models.OneToOneField(
        Group, on_delete=models.PROTECT, related_name="km_steward_team", editable=False
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        permissions = [
            ("see_all_teams", _("Can see what belongs to any team")),
            ("manage_people", _("Can add and remove people of any team")),
            ("approve_any", _("Can approve items of any team for a wider audience")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, making the two groups at first and keeping their names in step."""
        self._keep_groups()
        super().save(*args, **kwargs)

    def _keep_groups(self) -> None:
        for role in ("members", "stewards"):
            name = f"{self.name}: {role}"[:150]
            if getattr(self, f"{role}_group_id") is None:
                setattr(self, f"{role}_group", Group.objects.create(name=name))
            else:
                group = getattr(self, f"{role}_group")
                if group.name != name:
                    group.name = name
                    group.save(update_fields=["name"])

    @property
    def people(self) -> models.QuerySet[Any]:
        """Active members and stewards, without doubles."""
        groups = [self.members_group_id, self.stewards_group_id]
        users = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
        return users.order_by("last_name", "first_name", "pk").distinct()

    @property
    def stewards(self) -> models.QuerySet[Any]:
        """Active stewards."""
        users = get_user_model()._default_manager.filter(is_active=True)
        return users.filter(groups=self.stewards_group_id)


class Post(models.Model):
    """A seat in a team. It outlives the person who holds it."""

    title = models.CharField(_("title"), max_length=160)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="posts")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="km_posts_held",
        verbose_name=_("who holds it now"),
    )
    line_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="km_posts_managed",
        verbose_name=_("line manager"),
    )

    class Meta:
        ordering = ["team__name", "title"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [models.UniqueConstraint(fields=["team", "title"], name="km_post_in_team")]

    def __str__(self) -> str:
        return f"{self.title}, {self.team}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by state."""

    def waiting(self) -> InvitationQuerySet:
        """Those that can still be accepted."""
        return self.filter(
            accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
        )


class Invitation(models.Model):
    """An e-mail that lets one person join one team.

    Only a digest of the link's secret is kept, so that the table gives no access away.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    as_steward = models.BooleanField(_("as a steward"), default=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.email}, {self.team}"
