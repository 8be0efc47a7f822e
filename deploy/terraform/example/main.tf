# One installation. Copy this folder, set the values, keep the state in a bucket that few may read.

terraform {
  required_version = ">= 1.5"

  # backend "gcs" {
  #   bucket = "acme-terraform-state"
  #   prefix = "drawbridge"
  # }

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.20, < 8.0"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}

# The token comes from the environment: CLOUDFLARE_API_TOKEN, with Cloudflare Tunnel: Edit. It is not the bot's token.
provider "cloudflare" {}

provider "google" {
  project = "acme-internal"
  region  = "asia-northeast1"
}

module "drawbridge" {
  # Where the module is, seen from your copy: a path, or git::https://…//deploy/terraform?ref=v0.1.0
  source = "../"

  project               = "acme-internal"
  region                = "asia-northeast1"
  cloudflare_account_id = "0123456789abcdef0123456789abcdef"

  # Second apply, once the image is pushed and every secret has a value:
  # bot_image = "asia-northeast1-docker.pkg.dev/acme-internal/drawbridge/drawbridge:0.1.0"
}

output "drawbridge" {
  value = module.drawbridge
}
