# How the connectors reach services with internal ingress: through a VPC of the services' project, by Private Google
# Access, with run.app resolved to the private addresses.
# https://docs.cloud.google.com/run/docs/configuring/networking-best-practices

resource "google_compute_network" "this" {
  project = var.project
  name    = var.name

  # No firewall rule is made: what is not allowed is refused, so that nothing reaches the connectors' metrics.
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

resource "google_compute_subnetwork" "this" {
  project                  = var.project
  region                   = var.region
  name                     = var.name
  network                  = google_compute_network.this.id
  ip_cidr_range            = var.subnet_range
  private_ip_google_access = true
}

resource "google_dns_managed_zone" "run_app" {
  project     = var.project
  name        = "${var.name}-run-app"
  dns_name    = "run.app."
  description = "Sends run.app to Private Google Access, so that Cloud Run sees internal requests"
  visibility  = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.this.id
    }
  }

  depends_on = [google_project_service.this]
}

# private.googleapis.com: 199.36.153.8/30
resource "google_dns_record_set" "run_app" {
  project      = var.project
  managed_zone = google_dns_managed_zone.run_app.name
  name         = google_dns_managed_zone.run_app.dns_name
  type         = "A"
  ttl          = 300
  rrdatas      = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"]
}

resource "google_dns_record_set" "any_run_app" {
  project      = var.project
  managed_zone = google_dns_managed_zone.run_app.name
  name         = "*.${google_dns_managed_zone.run_app.dns_name}"
  type         = "CNAME"
  ttl          = 300
  rrdatas      = [google_dns_managed_zone.run_app.dns_name]
}
