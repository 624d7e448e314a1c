"""Work through a module: one section to a page, with or without script, signed in or not."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from km_pages.actions.errors import ActionError
from km_pages.numbers import whole
from km_pages.serving import refuse
from km_pages.views.files import SANDBOX, sent
from km_pages.views.uploads import REFUSED
from km_pages.visibility import reader_for, visible_to
from km_toolkit.actions.answer_check import AnswerCheck, looked_at
from km_toolkit.actions.keep_reflection import DropOtherTexts, KeepReflection, digest
from km_toolkit.actions.see_section import SeeSection
from km_toolkit.models import LearningModulePage, ModuleProgress
from km_toolkit.modules import CHECK, REFLECTION, Section, sections_of, standing, still_missing

MOST_DIGITS = 9
PLAYED = {".mp4": "video/mp4", ".webm": "video/webm", ".vtt": "text/vtt"}


def module_of(request: HttpRequest, pk: int) -> LearningModulePage | None:
    """The published module ``pk`` if the reader may see it. It stands as any page stands."""
    rows = LearningModulePage.objects.filter(pk=pk)
    found: LearningModulePage | None = visible_to(rows, reader_for(request)).first()
    return found


def progress_of(request: HttpRequest, page: LearningModulePage) -> ModuleProgress | None:
    """The reader's own row, if they have begun. Nobody else's can be asked for."""
    return ModuleProgress.objects.of(request.user).filter(page=page).first()


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One section. Nothing is kept of readers who are not signed in; they see everything."""
    page = module_of(request, pk)
    if page is None:
        return refuse(request)
    sections = sections_of(page)
    if not 1 <= number <= len(sections):
        raise Http404
    desk = Desk(request, page, sections, sections[number - 1])
    return desk.take() if request.method == "POST" else desk.show()


class Desk:
    """One learner at one section of a module: what is shown, and what is done with what comes."""

    def __init__(
        self,
        request: HttpRequest,
        page: LearningModulePage,
        sections: list[Section],
        section: Section,
    ) -> None:
        self.request = request
        self.page = page
        self.sections = sections
        self.section = section

    @property
    def signed_in(self) -> bool:
        """Whether anything can be kept."""
        return bool(self.request.user.is_authenticated)

    @property
    def after(self) -> Section | None:
        """The section that follows."""
        return next(iter(self.sections[self.section.number :]), None)

    def show(self, **besides: Any) -> HttpResponse:
        """The page of the section; 422 with an ``error``."""
        progress = progress_of(self.request, self.page)
        answer = (progress.answers if progress else {}).get(self.section.key, {})
        chosen = besides.get("chosen", answer.get("chosen", []))
        reflection = (progress.reflections if progress else {}).get(self.section.key, {})
        context = {
            "page": self.page,
            "section": self.section,
            "rows": standing(self.sections, progress),
            "after": self.after,
            "chosen": chosen,
            "feedback": self.feedback(chosen) if "error" not in besides else None,
            "reflection": reflection,
            "typed": besides.get("typed", reflection.get("text", "")),
            "was": digest(reflection.get("text", "")),
            "completed_on": progress.completed_on if progress else None,
            **self._film(),
            **besides,
        }
        status = REFUSED if "error" in besides else 200
        response = render(self.request, "km_toolkit/learning/section.html", context, status=status)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def feedback(self, chosen: list[str]) -> dict[str, Any] | None:
        """What is said to the answers ``chosen``; nothing before there are any."""
        rows = [each for each in self.section.answers if each.key in chosen]
        if not rows:
            return None
        right = self.section.is_right(each.key for each in rows)
        return {
            "right": right,
            "rows": rows,
            "more": not right and all(each.right for each in rows),
        }

    def _film(self) -> dict[str, str]:
        film, captions = (self.section.value.get(name) for name in ("film", "captions"))
        if not film:
            return {}
        args = [self.page.pk, self.section.number]
        return {
            "film_url": reverse("km_learning:film", args=args),
            "captions_url": reverse("km_learning:captions", args=args) if captions else "",
        }

    def take(self) -> HttpResponse:
        """Keep what was written or chosen, then stay, or go where it was asked to go."""
        posted = self.request.POST
        by_script = "application/json" in self.request.headers.get("Accept", "")
        if not self.signed_in:
            return self._not_signed_in(by_script=by_script)
        try:
            answered = self._keep(posted)
        except ActionError as problem:
            if by_script:
                return JsonResponse({"error": str(problem)}, status=REFUSED)
            return self.show(
                error=str(problem),
                chosen=posted.getlist("answer"),
                typed=posted.get("text", ""),
            )
        if by_script:
            return self._said()
        return self._go(posted.get("do", ""), answered=answered)

    def _keep(self, posted: Any) -> bool:
        """Whether a check was answered by it."""
        key = self.section.key
        who: dict[str, Any] = {"user": self.request.user, "page": self.page}
        chosen, do = posted.getlist("answer"), posted.get("do", "")
        if self.section.kind == REFLECTION and do == "drop":
            DropOtherTexts(**who, key=key).execute()
        elif self.section.kind == REFLECTION and "text" in posted:
            version = posted.get("version", "")
            KeepReflection(
                **who,
                key=key,
                text=posted["text"],
                version=whole(version, MOST_DIGITS) or 0,
                was=posted.get("was", ""),
            ).execute()
        if self.section.kind == CHECK and (do == "check" or chosen):
            AnswerCheck(**who, key=key, chosen=chosen).execute()
        if do == "next":
            then = self.after.key if self.after else key
            SeeSection(**who, key=key, then=then).execute()
        return self.section.kind == CHECK and do == "check"

    def _said(self) -> JsonResponse:
        """What a script must know to go on keeping: version, mark, and whether there is more."""
        progress = progress_of(self.request, self.page)
        kept = (progress.reflections if progress else {}).get(self.section.key, {})
        return JsonResponse(
            {
                "version": kept.get("version", 0),
                "was": digest(kept.get("text", "")),
                "others": len(kept.get("others", [])),
            }
        )

    def _go(self, do: str, *, answered: bool) -> HttpResponse:
        here = reverse("km_learning:section", args=[self.page.pk, self.section.number])
        if answered:
            return redirect(f"{here}#feedback")
        if do == "next":
            return self._onwards()
        messages.success(self.request, _("Kept. Nobody but you sees it."))
        return redirect(here)

    def _onwards(self) -> HttpResponse:
        if self.after is None:
            return redirect("km_learning:end", self.page.pk)
        return redirect("km_learning:section", self.page.pk, self.after.number)

    def _not_signed_in(self, *, by_script: bool) -> HttpResponse:
        posted = self.request.POST
        words = _("You are not signed in, so this was not kept. Your words are still here.")
        if by_script:
            return JsonResponse({"error": words, "code": "signed_out"}, status=401)
        if posted.get("text", "").strip():
            return self.show(error=words, typed=posted["text"])
        if self.section.kind == CHECK and posted.get("do") == "check":
            try:
                chosen = looked_at(self.section, posted.getlist("answer"))
            except ActionError as problem:
                return self.show(error=str(problem), chosen=posted.getlist("answer"))
            return self.show(chosen=chosen)
        return self._onwards() if posted.get("do") == "next" else self.show()


@require_safe
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of a module: completed, or what is missing and that nobody need go back for it."""
    page = module_of(request, pk)
    if page is None:
        return refuse(request)
    progress = progress_of(request, page)
    context = {
        "page": page,
        "progress": progress,
        "missing": still_missing(page, progress) if progress else [],
        "menu_url": page.get_parent().get_url(request),
    }
    response = render(request, "km_toolkit/learning/end.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def film(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The film of a section, in parts as the player asks for them."""
    return _document(request, pk, number, "film")


@require_safe
def captions(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The captions of that film."""
    return _document(request, pk, number, "captions")


def _document(request: HttpRequest, pk: int, number: int, name: str) -> HttpResponseBase:
    page = module_of(request, pk)
    if page is None:
        return refuse(request)
    found = next((each for each in sections_of(page) if each.number == number), None)
    document = found.value.get(name) if found and found.kind == "video" else None
    if document is None:
        raise Http404
    try:
        response = sent(request, document.file, f'"{document.pk}-{document.file_size}"')
    except FileNotFoundError:
        raise Http404 from None
    suffix = PurePosixPath(document.file.name).suffix.lower()
    response.headers["Content-Type"] = PLAYED.get(suffix, "application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
