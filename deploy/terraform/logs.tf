# A view of the worker pools' logs, so that the connectors' log can be read without a right to all logs.

resource "google_logging_log_view" "this" {
  parent      = "projects/${var.project}"
  location    = "global"
  bucket      = "_Default"
  name        = "${var.name}-worker-pools"
  description = "Logs of worker pools, for reading the connectors' log"
  filter      = "SOURCE(\"projects/${var.project}\") AND resource.type = \"cloud_run_worker_pool\""

  depends_on = [google_project_service.this]
}

resource "google_logging_log_view_iam_member" "bot" {
  count = var.grant_log_view ? 1 : 0

  parent   = google_logging_log_view.this.parent
  location = google_logging_log_view.this.location
  bucket   = google_logging_log_view.this.bucket
  name     = google_logging_log_view.this.name
  role     = "roles/logging.viewAccessor"
  member   = google_service_account.bot.member
}
