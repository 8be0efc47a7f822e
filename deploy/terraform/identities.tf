# Who the two pools are, and the little that each may do.

resource "google_service_account" "bot" {
  project      = var.project
  account_id   = "${var.name}-bot"
  display_name = "Drawbridge, the bot"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "cloudflared" {
  project      = var.project
  account_id   = "${var.name}-cloudflared"
  display_name = "Drawbridge, the tunnel's connectors"

  depends_on = [google_project_service.this]
}

# The calls that the bot makes to Cloud Run. It changes nothing there.
resource "google_project_iam_custom_role" "service_reader" {
  for_each = local.service_projects

  project     = each.value
  role_id     = replace("${var.name}_service_reader", "-", "_")
  title       = "Drawbridge: read Cloud Run services"
  description = "List and read services, and who may invoke them"
  permissions = [
    "run.services.get",
    "run.services.getIamPolicy",
    "run.services.list",
  ]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "service_reader" {
  for_each = local.service_projects

  project = each.value
  role    = google_project_iam_custom_role.service_reader[each.value].id
  member  = google_service_account.bot.member
}

# How the connectors' worker pool fares and is set up.
resource "google_project_iam_custom_role" "connector_reader" {
  for_each = local.connector_projects

  project     = each.value
  role_id     = replace("${var.name}_connector_reader", "-", "_")
  title       = "Drawbridge: read the connectors' worker pool"
  description = "Read worker pools and their revisions"
  permissions = [
    "run.revisions.get",
    "run.workerpools.get",
  ]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "connector_reader" {
  for_each = local.connector_projects

  project = each.value
  role    = google_project_iam_custom_role.connector_reader[each.value].id
  member  = google_service_account.bot.member
}
