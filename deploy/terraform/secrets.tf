# The secrets, empty: their values are added by hand (see README.md), so that none stands in Terraform's state.

locals {
  # What each pool reads. The connectors read the tunnel's token and nothing else; the bot does not read that secret, though its
  # Cloudflare token could ask Cloudflare for the same.
  # visit-client-secret wants a value only before visit_client_id is set.
  bot_secrets         = ["slack-bot-token", "slack-app-token", "cloudflare-api-token", "policy", "visit-client-secret"]
  cloudflared_secrets = ["tunnel-token"]

  # Only a Postgres of your own has a password to keep.
  database_secrets = local.has_database ? [] : ["database-url"]
}

resource "google_secret_manager_secret" "this" {
  for_each = toset(concat(local.bot_secrets, local.database_secrets, local.cloudflared_secrets))

  project   = var.project
  secret_id = "${var.name}-${each.value}"

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "bot" {
  for_each = toset(concat(local.bot_secrets, local.database_secrets))

  project   = var.project
  secret_id = google_secret_manager_secret.this[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.bot.member
}

resource "google_secret_manager_secret_iam_member" "cloudflared" {
  for_each = toset(local.cloudflared_secrets)

  project   = var.project
  secret_id = google_secret_manager_secret.this[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.cloudflared.member
}
