# The connectors' worker pool. deploy/cloudflared.worker-pool.yaml is the same for gcloud.

locals {
  cloudflared_env = {
    # QUIC does not get out of Cloud Run; the fallback takes minutes at every start.
    TUNNEL_TRANSPORT_PROTOCOL = "http2"
    TUNNEL_EDGE_IP_VERSION    = "4"
    TUNNEL_METRICS            = "0.0.0.0:2000"
    TUNNEL_LOG_OUTPUT         = "json"
    # debug would log the headers of requests.
    TUNNEL_LOGLEVEL = "info"
    # Cloud Run kills 10 s after SIGTERM.
    TUNNEL_GRACE_PERIOD = "8s"
    NO_AUTOUPDATE       = "true"
  }
}

resource "google_cloud_run_v2_worker_pool" "cloudflared" {
  count = local.deploys ? 1 : 0

  project             = var.project
  location            = var.region
  name                = "${var.name}-cloudflared"
  description         = "Connectors of the Cloudflare Tunnel that Drawbridge configures"
  deletion_protection = var.deletion_protection

  scaling {
    manual_instance_count = var.cloudflared_instances
  }

  template {
    service_account = google_service_account.cloudflared.email

    # With ALL_TRAFFIC the way to Cloudflare's edge (TCP 7844) would need Cloud NAT.
    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"

      network_interfaces {
        network    = google_compute_network.this.id
        subnetwork = google_compute_subnetwork.this.id
      }
    }

    containers {
      name  = "cloudflared"
      image = var.cloudflared_image
      args  = ["tunnel", "run"]

      dynamic "env" {
        for_each = local.cloudflared_env

        content {
          name  = env.key
          value = env.value
        }
      }

      env {
        name = "TUNNEL_TOKEN"

        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.this["tunnel-token"].secret_id
            version = var.secret_versions.tunnel_token
          }
        }
      }

      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
      }

      # Ready: a connection to the edge is registered. Five minutes in all, for a VPC that comes up slowly and a connector
      # that looks for a protocol that works.
      startup_probe {
        initial_delay_seconds = 60
        timeout_seconds       = 5
        period_seconds        = 10
        failure_threshold     = 24

        http_get {
          path = "/ready"
          port = 2000
        }
      }

      # Alive, not connected: /ready here would kill a connector in the middle of its own reconnecting.
      liveness_probe {
        timeout_seconds   = 5
        period_seconds    = 30
        failure_threshold = 4

        http_get {
          path = "/healthcheck"
          port = 2000
        }
      }
    }
  }

  # The tunnel too: Cloudflare deletes none that has connectors.
  depends_on = [
    cloudflare_zero_trust_tunnel_cloudflared.this,
    google_dns_record_set.any_run_app,
    google_dns_record_set.run_app,
    google_secret_manager_secret_iam_member.cloudflared,
  ]
}
