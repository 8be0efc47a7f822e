# The bot's worker pool. deploy/bot.worker-pool.yaml is the same for gcloud. It is in no VPC: it talks to public APIs only, and
# in the connectors' VPC it could reach every internal service.

locals {
  # What the bot and the reaper share.
  bot_limits = {
    cpu    = "1"
    memory = "512Mi"
  }
  policy_file = {
    folder  = "/etc/drawbridge"
    name    = "drawbridge.yaml"
    secret  = google_secret_manager_secret.this["policy"].secret_id
    version = var.secret_versions.policy
  }

  # A Postgres of your own.
  database_url = [for each in local.database_secrets : {
    secret  = google_secret_manager_secret.this[each].secret_id
    version = var.secret_versions.database_url
  }]

  # The bot reads these from Secret Manager itself, so that no token stands in the pool's description.
  bot_references = {
    SLACK_BOT_TOKEN      = "sm://${google_secret_manager_secret.this["slack-bot-token"].id}/versions/${var.secret_versions.slack_bot_token}"
    SLACK_APP_TOKEN      = "sm://${google_secret_manager_secret.this["slack-app-token"].id}/versions/${var.secret_versions.slack_app_token}"
    CLOUDFLARE_API_TOKEN = "sm://${google_secret_manager_secret.this["cloudflare-api-token"].id}/versions/${var.secret_versions.cloudflare_api_token}"
  }

  # An Access service token, with which open hostnames are visited through Access.
  visit_env = var.visit_client_id == null ? {} : {
    VISIT_CLIENT_ID     = var.visit_client_id
    VISIT_CLIENT_SECRET = "sm://${google_secret_manager_secret.this["visit-client-secret"].id}/versions/${var.secret_versions.visit_client_secret}"
  }

  # Cloud SQL by IAM. The instance has a public address that no network may use: only connectors come through.
  database_env = local.has_database ? {
    CLOUD_SQL_INSTANCE = google_sql_database_instance.this[0].connection_name
    CLOUD_SQL_USER     = google_sql_user.bot[0].name
    CLOUD_SQL_ADDRESS  = "public"
  } : {}

  bot_env = merge(var.bot_env, local.bot_references, local.visit_env, local.database_env, {
    CLOUDFLARE_ACCOUNT_ID = var.cloudflare_account_id
    POLICY_FILE           = "${local.policy_file.folder}/${local.policy_file.name}"
    HEALTH_PORT           = "8080"
  })
}

resource "google_cloud_run_v2_worker_pool" "bot" {
  count = local.deploys ? 1 : 0

  project             = var.project
  location            = var.region
  name                = var.name
  description         = "Drawbridge, the Slack bot"
  deletion_protection = var.deletion_protection

  scaling {
    manual_instance_count = var.bot_instances
  }

  template {
    service_account = google_service_account.bot.email

    containers {
      name  = "bot"
      image = var.bot_image

      dynamic "env" {
        for_each = local.bot_env

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.database_url

        content {
          name = "DATABASE_URL"

          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      resources {
        limits = local.bot_limits
      }

      volume_mounts {
        name       = "policy"
        mount_path = local.policy_file.folder
      }

      # Started: Slack is connected, or could not be reached for a minute: what is past its end is closed without it.
      startup_probe {
        timeout_seconds   = 4
        period_seconds    = 5
        failure_threshold = 48

        http_get {
          path = "/startupz"
          port = 8080
        }
      }

      # The process itself. Neither Slack nor the store fails it, since a restart mends neither.
      liveness_probe {
        timeout_seconds   = 4
        period_seconds    = 30
        failure_threshold = 8

        http_get {
          path = "/healthz"
          port = 8080
        }
      }
    }

    volumes {
      name = "policy"

      secret {
        secret = local.policy_file.secret

        items {
          version = local.policy_file.version
          path    = local.policy_file.name
        }
      }
    }
  }

  depends_on = [
    google_project_iam_member.bot_database,
    google_secret_manager_secret_iam_member.bot,
  ]
}
