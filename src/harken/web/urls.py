"""Every address of Harken."""

from django.urls import path

from harken.web.pages import accounts, compare, first_visit, how, people, runs, settings, today
from harken.web.pages.act import at_risk, hand_overs
from harken.web.pages.learn import driver, follow_up, held_back, retention, scores, what_if, whole_base
from harken.web.pages.listen import drafts, imports, sources
from harken.web.pages.unify import customer, customers, inventory

urlpatterns = [
    path("", today.today, name="today"),
    path("listen/imports/", imports.imports, name="imports"),
    path("listen/imports/upload/", imports.upload, name="upload"),
    path("listen/imports/progress/", imports.progress, name="import-progress"),
    path("listen/imports/cancel/", imports.cancel, name="cancel-import"),
    path("listen/imports/drafts/<str:draft_id>/", drafts.draft, name="draft"),
    path("listen/imports/drafts/<str:draft_id>/correct/", drafts.correct, name="draft-correct"),
    path("listen/imports/drafts/<str:draft_id>/write/", drafts.write, name="draft-write"),
    path("listen/imports/drafts/<str:draft_id>/anew/", drafts.anew, name="draft-anew"),
    path("listen/imports/drafts/<str:draft_id>/drop/", drafts.drop, name="draft-drop"),
    path("listen/imports/drafts/<str:draft_id>/do/<str:step>/", drafts.work, name="draft-step"),
    path("listen/imports/<int:import_id>/rejected/<str:name>", imports.rejected, name="rejected"),
    path("listen/imports/<int:import_id>/undo/", imports.undo, name="undo"),
    path("demo/enter/", first_visit.enter_demo, name="enter-demo"),
    path("demo/leave/", first_visit.leave_demo, name="leave-demo"),
    path("demo/leaving/", first_visit.leaving, name="demo-leaving"),
    path("demo/cancel/", first_visit.cancel, name="cancel-demo"),
    path("demo/progress/", first_visit.progress, name="demo-progress"),
    path("listen/sources/", sources.sources, name="sources"),
    path("listen/sources/<str:name>/", sources.source, name="source"),
    path("listen/sources/<str:name>/change/", sources.change, name="change-source"),
    path("listen/sources/<str:name>/read/", sources.read, name="read-source"),
    path("listen/sources/<str:name>/pause/", sources.pause, name="pause-source"),
    path("listen/sources/<str:name>/resume/", sources.resume, name="resume-source"),
    path("listen/sources/<str:name>/remove/", sources.remove, name="remove-source"),
    path("listen/new-source/<str:kind>/", sources.add, name="new-source"),
    path("listen/source-progress/", sources.progress, name="source-progress"),
    path("listen/source-cancel/", sources.cancel, name="cancel-source"),
    path("unify/customers/", customers.customers, name="customers"),
    path("unify/customers/<str:customer_id>/", customer.customer, name="customer"),
    path("unify/inventory/", inventory.inventory, name="inventory"),
    path("learn/retention/", retention.retention, name="retention"),
    path("learn/retention/<path:family>/", driver.driver, name="driver"),
    path("learn/what-if/", what_if.what_if, name="what-if"),
    path("learn/whole-base/", whole_base.whole_base, name="whole-base"),
    path("learn/whole-base/test/", held_back.upload, name="test-answers"),
    path("learn/whole-base/test/progress/", held_back.progress, name="test-progress"),
    path("learn/whole-base/test/cancel/", held_back.cancel, name="cancel-test"),
    path("learn/whole-base/silent/draw/", follow_up.draw, name="draw-silent"),
    path("learn/whole-base/silent/answers/", follow_up.answers, name="silent-answers"),
    path("learn/whole-base/silent/<str:draw_id>.csv", follow_up.silent_list, name="silent-list"),
    path("learn/scores/", scores.scores, name="scores"),
    path("learn/analyses/", runs.runs, name="runs"),
    path("learn/analyses/start/", runs.analyze, name="analyze"),
    path("learn/analyses/progress/", runs.progress, name="progress"),
    path("learn/analyses/cancel/", runs.cancel, name="cancel-analysis"),
    path("learn/analyses/compare/", compare.compare, name="compare"),
    path("learn/analyses/<str:run_id>/", runs.run, name="run"),
    path("learn/analyses/<str:run_id>/remove/", runs.remove, name="remove-run"),
    path("act/customers/", at_risk.at_risk, name="at-risk"),
    path("act/customers/hand-over/", hand_overs.hand_over, name="hand-over"),
    path("act/customers/<str:customer_id>/", customer.moved, name="customer-moved"),
    path("act/hand-overs/", hand_overs.hand_overs, name="hand-overs"),
    path("act/hand-overs/<int:number>/", hand_overs.one, name="handed"),
    path("act/hand-overs/<int:number>/<str:customer_id>/", hand_overs.mark, name="mark-handed"),
    path("how/<str:topic>/", how.how, name="how"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("enter/<str:token>/", accounts.enter, name="enter"),
    path("set-up/<str:token>/", accounts.set_up, name="set-up"),
    path("account/password/", accounts.change_password, name="change-password"),
    path("settings/", settings.settings, name="settings"),
    path("people/", people.people, name="people"),
    path("people/<str:username>/", people.change, name="change-person"),
    path("preferences/", accounts.preferences, name="preferences"),
]

handler403 = "harken.web.pages.failures.refused"
handler404 = "harken.web.pages.failures.not_found"
handler500 = "harken.web.pages.failures.broken"
