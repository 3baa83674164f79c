"""The console's pages."""

from django.urls import path

from ganbo.doors.console import (
    approvals,
    budgets,
    family,
    gear,
    handing_over,
    member_page,
    members,
    offline_sales,
    partners,
    poster,
    products,
    programme,
    publishing,
    reward_codes,
    rewards,
    terms_page,
    today,
    versions,
)
from ganbo.doors.console.editor import pages, part_page, yaml_page
from ganbo.doors.ui.later import Later

app_name = "console"
# pages that count: what they count with is heavy, so it is loaded by who first opens one
experiment_planning = Later("ganbo.doors.console.experiment_planning")
experiments = Later("ganbo.doors.console.experiments")
goals = Later("ganbo.doors.console.goals")
liability = Later("ganbo.doors.console.liability")
results = Later("ganbo.doors.console.results")
results_customers = Later("ganbo.doors.console.results_customers")
results_members = Later("ganbo.doors.console.results_members")
urlpatterns = [
    path("", today.today, name="today"),
    path("behind/<slug:figure>", today.behind, name="behind"),
    path("members/", members.members, name="members"),
    path("members/<uuid:member_id>", member_page.member, name="member"),
    path("members/<uuid:member_id>/household", family.do, name="family"),
    path("events/<path:event_id>", member_page.event, name="event"),
    path("programme/", programme.cards, name="programme"),
    path("programme/edit", pages.draft, name="programme_edit"),
    path("programme/edit/change", pages.change, name="programme_edit_change"),
    path("programme/edit/receipt", pages.receipt, name="programme_edit_receipt"),
    path("programme/edit/yaml", yaml_page.text, name="programme_edit_yaml"),
    path("programme/edit/<slug:kind>/<str:key>", part_page.part, name="programme_part"),
    path("rewards/", rewards.rewards, name="rewards"),
    path("rewards/batches", rewards.order_batch, name="order_batch"),
    path("rewards/batches/<uuid:batch_id>.csv", rewards.download, name="download_batch"),
    path("rewards/import", reward_codes.import_page, name="import_codes"),
    path("rewards/hand-over", handing_over.hand_over, name="hand_over"),
    path("rewards/hand-over/<uuid:redemption_id>", handing_over.note, name="note_handed"),
    path("rewards/hand-over/<uuid:redemption_id>/give-back", handing_over.give_back, name="give_back"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<uuid:proof_id>", approvals.decide, name="decide"),
    path("offline/", offline_sales.offline_sales, name="offline_sales"),
    path("offline/<uuid:conflict_id>/seen", offline_sales.note_seen, name="offline_seen"),
    path("products/", products.products, name="products"),
    path("products/import", products.import_page, name="import_products"),
    path("budgets/", budgets.budgets, name="budgets"),
    path("results/", results.results, name="results"),
    path("results/refresh", results.refresh, name="results_refresh"),
    path("results/customers", results_customers.page, name="results_customers"),
    path("results/customers/<slug:picture>.csv", results_customers.download, name="results_picture"),
    path("results/customers/<slug:picture>", results_customers.behind, name="results_group"),
    path("results/kpis/<slug:name>.csv", results.download, name="results_file"),
    path("results/kpis/<slug:name>/<str:month>", results_members.behind, name="results_members"),
    path("results/goals", goals.goals, name="goals"),
    path("results/goals/report", goals.report, name="goals_report"),
    path("results/goals/report/<int:number>/next", goals.begin_next, name="goals_next"),
    path("results/experiments", experiments.experiments, name="experiments"),
    path("results/experiments/new", experiment_planning.plan, name="experiment_new"),
    path("results/experiments/<slug:slug>", experiments.experiment, name="experiment"),
    path("results/experiments/<slug:slug>/stop", experiments.stop, name="experiment_stop"),
    path("results/experiments/<slug:slug>/<slug:group>.csv", experiments.download, name="experiment_group"),
    path("results/liability", liability.liability, name="liability"),
    path("results/liability/refresh", liability.refresh, name="liability_refresh"),
    path("results/liability/<slug:file>.csv", liability.download, name="liability_file"),
    path("partners/", partners.partners, name="partners"),
    path("partners/<slug:partner>/agree", partners.agree, name="partner_agree"),
    path("partners/<slug:partner>/<slug:month>", partners.statement, name="partner_statement"),
    path("partners/<slug:partner>/<slug:month>/csv", partners.download, name="partner_csv"),
    path("partners/<slug:partner>/<slug:month>/settle", partners.settle, name="partner_settle"),
    path("programme/publish", publishing.publish, name="programme_publish"),
    path("programme/versions", versions.versions, name="programme_versions"),
    path("programme/versions/compare", versions.compare, name="programme_compare"),
    path("programme/versions/<int:number>", versions.version, name="programme_version"),
    path("programme/versions/<int:number>/yaml", versions.download, name="programme_version_yaml"),
    path("programme/versions/<int:number>/draft", versions.start_draft, name="programme_version_draft"),
    path("programme/versions/<int:number>/withdraw", versions.withdraw, name="programme_version_withdraw"),
    path("programme/terms", terms_page.terms, name="programme_terms"),
    path("programme/terms/<int:number>", terms_page.terms, name="programme_terms_of"),
    path("programme/terms/<int:number>/print", terms_page.printed, name="programme_terms_print"),
    path("settings/", gear.settings_page, name="settings"),
    path("settings/stores", gear.stores, name="stores"),
    path("settings/keys", gear.keys, name="keys"),
    path("settings/keys/<uuid:key_id>/revoke", gear.revoke, name="revoke_key"),
    path("poster.pdf", poster.poster, name="poster"),
]
