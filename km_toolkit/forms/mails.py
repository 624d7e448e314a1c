"""Which mails somebody wants."""

from django import forms

from km_toolkit.models import MailChoice


class MailChoiceForm(forms.ModelForm):
    """Three kinds of mail, each on or off."""

    class Meta:
        model = MailChoice
        fields = ["reminders", "questions", "news"]
