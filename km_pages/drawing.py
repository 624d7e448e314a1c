"""Form fields as HTML, made without templates.

Django makes every input, every list and every line of a list with a template of its own. A form
of ten fields took longer than the rest of its page; drawn here it is a tenth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

CSS_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "nhsuk-textarea"),
    (forms.Select, "nhsuk-select"),
    (forms.FileInput, "km-file-input"),
    (forms.CheckboxInput, "nhsuk-checkboxes__input"),
    (forms.PasswordInput, "nhsuk-input nhsuk-password-input__input nhsuk-js-password-input-input"),
    (forms.widgets.Input, "nhsuk-input"),
)


def _attrs(given: Mapping[str, Any]) -> str:
    made = []
    for name, value in given.items():
        if value is True:
            made.append(f" {conditional_escape(name)}")
        elif value is not False:
            text = value if isinstance(value, str) else str(value)
            made.append(f' {conditional_escape(name)}="{conditional_escape(text)}"')
    return "".join(made)


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    said = "" if value is None else f' value="{_text(value)}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{said}{_attrs(widget["attrs"])}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    name, value = conditional_escape(widget["name"]), widget["value"]
    text = conditional_escape(value) if value else ""
    return f'<textarea name="{name}"{_attrs(widget["attrs"])}>\n{text}</textarea>'


def _option(widget: Mapping[str, Any]) -> str:
    label = conditional_escape(localize(widget["label"]))
    value, attrs = _text(widget["value"]), _attrs(widget["attrs"])
    return f'\n  <option value="{value}"{attrs}>{label}</option>\n'


def _select(widget: Mapping[str, Any]) -> str:
    lines = [f'<select name="{conditional_escape(widget["name"])}"{_attrs(widget["attrs"])}>']
    for name, options, _index in widget["optgroups"]:
        if name:
            lines.append(f'\n  <optgroup label="{conditional_escape(localize(name))}">')
        lines += map(_option, options)
        if name:
            lines.append("\n  </optgroup>")
    return "".join([*lines, "\n</select>"])


_INPUTS = ["text", "number", "email", "url", "search", "tel", "password", "hidden", "color"]
_INPUTS += ["date", "datetime", "time", "checkbox", "file"]
DRAWN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **{f"django/forms/widgets/{kind}.html": _input for kind in _INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
PLAIN_OPTION = "django/forms/widgets/select_option.html"


class WithoutTemplates(DjangoTemplates):
    """Draws Django's own widgets to the letter as its templates do, and leaves others to them."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        """The widget of ``context`` as HTML."""
        draw, widget = DRAWN.get(template_name), context.get("widget")
        if draw is None or (draw is _select and not _plain(widget)):
            return str(super().render(template_name, context, request))
        return SafeString(draw(widget))


def _plain(widget: Mapping[str, Any]) -> bool:
    """Whether each option of a list is drawn as Django does it."""
    return all(
        option["template_name"] == PLAIN_OPTION
        for _name, options, _index in widget["optgroups"]
        for option in options
    )


WITHOUT_TEMPLATES = WithoutTemplates()


def drawn_widget(field: BoundField, attrs: Mapping[str, Any] | None = None) -> SafeString:
    """What ``field.as_widget(attrs=attrs)`` gives.

    A host that has chosen another way to draw forms (``FORM_RENDERER``) gets its own.
    """
    kind = field.field.widget
    if type(field.form.renderer) is not DjangoTemplates:
        return field.as_widget(attrs=dict(attrs or {}))
    if field.field.localize:
        kind.is_localized = True
    wanted = field.build_widget_attrs(dict(attrs or {}), kind)
    if field.auto_id and "id" not in kind.attrs:
        wanted.setdefault("id", field.auto_id)
    return kind.render(field.html_name, field.value(), wanted, renderer=WITHOUT_TEMPLATES)


def widget_of(field: BoundField) -> SafeString:
    """The widget of ``field`` with the classes of its kind, and of an error where there is one.

    Django itself points it to its hint and its errors (``aria-describedby``).
    """
    kind = field.field.widget
    name = next((css for types, css in CSS_CLASSES if isinstance(kind, types)), "")
    css = [kind.attrs.get("class", ""), name]
    if name and field.errors:
        css.append(f"{name.split()[0]}--error")
    if isinstance(kind, forms.NumberInput):
        css.append("nhsuk-input--width-5")
    return drawn_widget(field, {"class": " ".join(filter(None, css))})


def field_of(field: BoundField, *, large: bool = False, bare: bool = False) -> SafeString:
    """``field`` with its label, its hint and its errors; see ``components/field.html``."""
    kind = field.field.widget
    size, more = "l" if large else "s", ""
    css = "nhsuk-form-group nhsuk-form-group--error" if field.errors else "nhsuk-form-group"
    if isinstance(kind, forms.CheckboxInput):
        inside = _checkbox(field)
    elif isinstance(kind, forms.RadioSelect | forms.CheckboxSelectMultiple):
        inside = _choices(field, size, _optional(field, bare=bare))
    else:
        # The first line of a list says that nothing need be chosen.
        label = _label(field, size, _optional(field, bare=bare or field.widget_type == "select"))
        inside = f"{label}{_hint(field)}{_errors(field)}{_control(field)}"
    if isinstance(kind, forms.PasswordInput):
        css, more = f"{css} nhsuk-password-input", ' data-module="nhsuk-password-input"'
    return SafeString(f'<div class="{css}"{more}>{inside}</div>')


def _optional(field: BoundField, *, bare: bool) -> str:
    if bare or field.field.required:
        return ""
    return f' <span class="km-optional">{_("(you can leave this empty)")}</span>'


def _label(field: BoundField, size: str, optional: str) -> str:
    words, target = conditional_escape(field.label), field.id_for_label
    return (
        f'<label class="nhsuk-label nhsuk-label--{size}" for="{target}">{words}{optional}</label>'
    )


def _hint(field: BoundField, css: str = "nhsuk-hint") -> str:
    if not field.help_text:
        return ""
    words = conditional_escape(field.help_text)
    return f'<div class="{css}" id="{field.auto_id}_helptext">{words}</div>'


def _errors(field: BoundField) -> str:
    if not field.errors:
        return ""
    before = f'<span class="nhsuk-u-visually-hidden">{_("Error:")}</span>'
    lines = "".join(f"<div>{before} {conditional_escape(str(each))}</div>" for each in field.errors)
    return f'<div class="nhsuk-error-message" id="{field.auto_id}_error">{lines}</div>'


def _control(field: BoundField) -> str:
    if not isinstance(field.field.widget, forms.PasswordInput):
        return widget_of(field)
    css = "nhsuk-button nhsuk-button--secondary nhsuk-button--small"
    css += " nhsuk-password-input__toggle nhsuk-js-password-input-toggle"
    return (
        f'<div class="nhsuk-input-wrapper">{widget_of(field)}'
        f'<button type="button" class="{css}" aria-controls="{field.id_for_label}"'
        f' aria-label="{_("Show password")}" hidden>{_("Show")}</button></div>'
    )


def _checkbox(field: BoundField) -> str:
    label = conditional_escape(field.label)
    return (
        f'{_errors(field)}<div class="nhsuk-checkboxes"><div class="nhsuk-checkboxes__item">'
        f'{widget_of(field)}<label class="nhsuk-label nhsuk-checkboxes__label"'
        f' for="{field.id_for_label}">{label}</label>'
        f"{_hint(field, 'nhsuk-hint nhsuk-checkboxes__hint')}</div></div>"
    )


def _choices(field: BoundField, size: str, optional: str) -> str:
    said = [f"{field.auto_id}_helptext"] if field.help_text else []
    said += [f"{field.auto_id}_error"] if field.errors else []
    described = f' aria-describedby="{" ".join(said)}"' if said else ""
    css = f"nhsuk-fieldset__legend nhsuk-fieldset__legend--{size}"
    # In Django a list of checkboxes is a kind of radio buttons, so it is asked for first.
    several = isinstance(field.field.widget, forms.CheckboxSelectMultiple)
    family = "checkboxes" if several else "radios"
    hints: Mapping[Any, Any] = getattr(field.field, "choice_hints", {})
    items = "".join(_choice(each.data, family, hints) for each in field.subwidgets)
    return (
        f'<fieldset class="nhsuk-fieldset"{described}>'
        f'<legend class="{css}">{conditional_escape(field.label)}{optional}</legend>'
        f"{_hint(field)}{_errors(field)}"
        f'<div class="nhsuk-{family}" id="{field.auto_id}">{items}</div></fieldset>'
    )


def _choice(widget: Mapping[str, Any], family: str, hints: Mapping[Any, Any]) -> str:
    key, value = widget["attrs"].get("id"), widget["value"]
    hint, below, described = hints.get(str(value), ""), "", ""
    if hint:
        described, css = f' aria-describedby="{key}_hint"', f"nhsuk-hint nhsuk-{family}__hint"
        below = f'<div class="{css}" id="{key}_hint">{conditional_escape(hint)}</div>'
    return (
        f'<div class="nhsuk-{family}__item"><input class="nhsuk-{family}__input"'
        f' type="{widget["type"]}" name="{conditional_escape(widget["name"])}"'
        f' value="{"" if value is None else _text(value)}" id="{key}"'
        f"{' checked' if widget['selected'] else ''}{described}>"
        f'<label class="nhsuk-label nhsuk-{family}__label" for="{key}">'
        f"{conditional_escape(widget['label'])}</label>{below}</div>"
    )
