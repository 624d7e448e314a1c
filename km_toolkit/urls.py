"""Addresses of the handover service. The site says where they stand."""

from django.urls import path

from km_toolkit.views import accepting, agreeing, areas, capturing, handovers, helping, questions

app_name = "km_toolkit"

urlpatterns = [
    path("", handovers.handovers, name="handovers"),
    path("start/", handovers.start, name="start_handover"),
    path("ask/<str:secret>/", questions.ask_by_link, name="ask_by_link"),
    path("<km_key:pk>/", handovers.handover, name="handover"),
    path("<km_key:pk>/confirm/", handovers.confirm, name="confirm"),
    path("<km_key:pk>/people/", handovers.facts, name="facts"),
    path("<km_key:pk>/withdraw/", handovers.withdraw, name="withdraw"),
    path("<km_key:pk>/way/", handovers.express_or_full, name="express_or_full"),
    path("<km_key:pk>/skip/<int:step>/", handovers.skip, name="skip"),
    path("<km_key:pk>/deputy/", handovers.ask_deputy, name="ask_deputy"),
    path("<km_key:pk>/afterwards/", handovers.afterwards, name="afterwards"),
    path("<km_key:pk>/history/", handovers.history, name="history"),
    path("<km_key:pk>/areas/", areas.areas, name="areas"),
    path("<km_key:pk>/areas/share/", areas.share_areas, name="share_areas"),
    path("<km_key:pk>/areas/<km_key:area_pk>/", areas.area, name="area"),
    path("<km_key:pk>/areas/<km_key:area_pk>/told/", areas.told, name="told"),
    path("<km_key:pk>/areas/<km_key:area_pk>/said-back/", accepting.say_back, name="say_back"),
    path("<km_key:pk>/questions/", questions.questions, name="questions"),
    path("<km_key:pk>/questions/close/", questions.close, name="close_questions"),
    path("<km_key:pk>/questions/guests/", questions.invite, name="invite_to_ask"),
    path("<km_key:pk>/questions/<uuid:key>/", questions.question, name="question"),
    path("<km_key:pk>/ask/", questions.ask, name="ask"),
    path("<km_key:pk>/priorities/", agreeing.priorities, name="priorities"),
    path("<km_key:pk>/plan/", agreeing.plan, name="plan"),
    path("<km_key:pk>/plan/add/", agreeing.add_action, name="add_action"),
    path("<km_key:pk>/plan/<km_key:action_pk>/", agreeing.action, name="action"),
    path("<km_key:pk>/help/", helping.help_page, name="help"),
    path("<km_key:pk>/help/answer/", helping.answer_help, name="answer_help"),
    path("<km_key:pk>/help/offer/", helping.offer_help, name="offer_help"),
    path("<km_key:pk>/interviews/", helping.start_interview, name="start_interview"),
    path("<km_key:pk>/interviews/<km_key:interview_pk>/", helping.interview, name="interview"),
    path("<km_key:pk>/capture/", capturing.capture, name="capture"),
    path("<km_key:pk>/capture/express/", capturing.express, name="express"),
    path("<km_key:pk>/capture/new/<slug:kind>/", capturing.new_output, name="new_output"),
    path("<km_key:pk>/capture/<km_key:output_pk>/", capturing.output, name="output"),
    path(
        "<km_key:pk>/capture/<km_key:output_pk>/remove/",
        capturing.remove_output,
        name="remove_output",
    ),
    path(
        "<km_key:pk>/capture/<km_key:output_pk>/share/",
        capturing.share_output,
        name="share_output",
    ),
    path("<km_key:pk>/accept/", accepting.accept, name="accept"),
    path("<km_key:pk>/accept/gap/", accepting.gap, name="gap"),
    path("<km_key:pk>/accept/gap/<km_key:gap_pk>/", accepting.settle_gap, name="settle_gap"),
]
