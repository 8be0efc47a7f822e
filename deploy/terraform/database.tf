# The bot's store. The bot logs in as its own service account, by IAM: no password stands anywhere.

resource "google_sql_database_instance" "this" {
  count = local.has_database ? 1 : 0

  project             = var.project
  region              = var.region
  name                = coalesce(var.database.instance, var.name)
  database_version    = var.database.version
  deletion_protection = var.deletion_protection

  settings {
    tier                  = var.database.tier
    edition               = "ENTERPRISE"
    availability_type     = var.database.regional ? "REGIONAL" : "ZONAL"
    connector_enforcement = "REQUIRED"

    # A public address that no network may use: only Cloud SQL's own connectors, with IAM, come through.
    ip_configuration {
      ipv4_enabled = true
      ssl_mode     = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }

    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_sql_database" "this" {
  count = local.has_database ? 1 : 0

  project  = var.project
  instance = google_sql_database_instance.this[0].name
  name     = "drawbridge"

  # It goes with its instance, which deletion_protection keeps. By itself Terraform would drop it, with all that is in it, before
  # that protection of the instance is asked.
  deletion_policy = "ABANDON"
}

resource "google_sql_user" "bot" {
  count = local.has_database ? 1 : 0

  project  = var.project
  instance = google_sql_database_instance.this[0].name
  name     = trimsuffix(google_service_account.bot.email, ".gserviceaccount.com")
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"

  # Postgres drops no user whom tables belong to.
  deletion_policy = "ABANDON"
}

# client asks for the way there and a certificate; instanceUser logs in.
resource "google_project_iam_member" "bot_database" {
  for_each = local.has_database ? toset(["roles/cloudsql.client", "roles/cloudsql.instanceUser"]) : toset([])

  project = var.project
  role    = each.value
  member  = google_service_account.bot.member

  condition {
    title      = "Drawbridge's instance only"
    expression = "resource.name == 'projects/${var.project}/instances/${google_sql_database_instance.this[0].name}' && resource.type == 'sqladmin.googleapis.com/Instance'"
  }
}
