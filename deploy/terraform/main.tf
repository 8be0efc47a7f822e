# What the rest stands on: the APIs, and the registry that the bot's image is pushed to.

locals {
  service_projects   = setunion([var.project], var.service_projects)
  connector_projects = setunion([var.project], var.connector_projects)
  deploys            = var.bot_image != null
  has_database       = var.database != null

  apis = concat(
    [
      "artifactregistry.googleapis.com",
      "compute.googleapis.com",
      "dns.googleapis.com",
      "iam.googleapis.com",
      "logging.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
    ],
    local.has_database ? ["sqladmin.googleapis.com"] : [],
    local.reaps ? ["cloudscheduler.googleapis.com"] : [],
  )
}

resource "google_project_service" "this" {
  for_each = toset(local.apis)

  project = var.project
  service = each.value

  # Others may use them too.
  disable_on_destroy = false
}

resource "google_artifact_registry_repository" "this" {
  project       = var.project
  location      = var.region
  repository_id = var.name
  description   = "Images of Drawbridge"
  format        = "DOCKER"

  docker_config {
    # A tag says for ever what runs.
    immutable_tags = true
  }

  depends_on = [google_project_service.this]
}
