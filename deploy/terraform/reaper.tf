# The dead man's switch: a job on a schedule that closes what is past its end while the bot is down. It is the bot's image
# with another command, and the bot's identity without its Slack tokens. Without a schedule the job is there all the same: the
# commands that need the store are run by it.
#
# Whoever may run it with overrides can thus be the bot (docs/deploy.md, "Which project"). An account of its own would keep the
# Slack tokens from them and little else: the reaper needs Cloudflare's token and the store's tables, which in Cloud SQL belong
# to the user that the bot's account is, and adopt and doctor, run by the same job, need Slack as well.

locals {
  reaps = local.deploys && var.reaper_schedule != null
}

resource "google_cloud_run_v2_job" "reaper" {
  count = local.deploys ? 1 : 0

  project  = var.project
  location = var.region
  name     = "${var.name}-reaper"

  # It keeps nothing.
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.bot.email
      # Longer than the reaper's own patience, which is eight minutes.
      timeout     = "600s"
      max_retries = 0

      containers {
        name  = "reaper"
        image = var.bot_image
        args  = ["dist/reap.js"]

        dynamic "env" {
          for_each = {
            for name, value in local.bot_env : name => value
            if !startswith(name, "SLACK_") && name != "HEALTH_PORT"
          }

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
  }

  # The pool comes first: what keeps the bot's new revision from starting must not reach the job that stands in for it.
  depends_on = [
    google_cloud_run_v2_worker_pool.bot,
    google_project_iam_member.bot_database,
    google_secret_manager_secret_iam_member.bot,
  ]
}

resource "google_service_account" "scheduler" {
  count = local.reaps ? 1 : 0

  project      = var.project
  account_id   = "${var.name}-scheduler"
  display_name = "Drawbridge, what starts the reaper"

  depends_on = [google_project_service.this]
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  count = local.reaps ? 1 : 0

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.reaper[0].name
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler[0].member
}

resource "google_cloud_scheduler_job" "reaper" {
  count = local.reaps ? 1 : 0

  project     = var.project
  region      = var.region
  name        = "${var.name}-reaper"
  description = "Closes what is past its end while Drawbridge is down"
  schedule    = var.reaper_schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.reaper[0].id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler[0].email
    }
  }
}
