"""Addresses of the learning record. The site says where they stand."""

from django.urls import path

from km_toolkit.views import record, record_counts, record_evidence, record_form

app_name = "km_record"

urlpatterns = [
    path("", record.record, name="record"),
    path("add/", record_form.add, name="add"),
    path("draft/", record_form.keep_draft, name="keep_draft"),
    path("draft/token/", record_form.draft_token, name="draft_token"),
    path("draft/<uuid:key>/forget/", record.forget_draft, name="forget_draft"),
    path("taken-out/", record.taken_out, name="taken_out"),
    path("targets/", record.targets, name="targets"),
    path("entries/<uuid:key>/", record.entry, name="entry"),
    path("entries/<uuid:key>/correct/", record_form.correct, name="correct"),
    path("entries/<uuid:key>/withdraw/", record.withdraw, name="withdraw"),
    path("counts/", record_counts.counts, name="counts"),
    path("print/", record_evidence.to_print, name="to_print"),
    path("my-learning-record.pdf", record_evidence.as_pdf, name="as_pdf"),
    path("my-learning-record.csv", record_evidence.as_csv, name="as_csv"),
    path("everything.zip", record_evidence.everything, name="everything"),
    path("papers/<uuid:key>/", record_evidence.paper, name="paper"),
    path("papers/<uuid:key>/file/", record_evidence.paper_file, name="paper_file"),
    path("papers/<uuid:key>/again/", record_evidence.make_again, name="make_again"),
]
