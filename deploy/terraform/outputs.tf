output "registry" {
  description = "Where the bot's image is pushed: add /drawbridge:<version>."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.this.repository_id}"
}

output "tunnel_id" {
  description = "For tunnels[].id of the policy, and for fetching the tunnel's token."
  value       = cloudflare_zero_trust_tunnel_cloudflared.this.id
}

output "secrets" {
  description = "Names of the secrets that want a value; visit-client-secret only with visit_client_id."
  value       = { for key, secret in google_secret_manager_secret.this : key => secret.secret_id }
}

output "bot_service_account" {
  description = "Identity of the bot."
  value       = google_service_account.bot.email
}

output "cloudflared_service_account" {
  description = "Identity of the connectors."
  value       = google_service_account.cloudflared.email
}

output "database_user" {
  description = "Who the bot logs in as: wants the rights on the database that README.md names. Null without Cloud SQL."
  value       = local.has_database ? google_sql_user.bot[0].name : null
}

output "worker_pools" {
  description = "Names of the worker pools; empty until bot_image is set."
  value       = concat(google_cloud_run_v2_worker_pool.bot[*].name, google_cloud_run_v2_worker_pool.cloudflared[*].name)
}

output "log_view" {
  description = "Log view of the worker pools."
  value       = google_logging_log_view.this.id
}
