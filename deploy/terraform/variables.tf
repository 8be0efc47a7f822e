# Every knob. What stays null or empty turns its part off.

variable "project" {
  description = "Project id of the installation: both worker pools, and the services that are to be opened. Whoever may run jobs with overrides in it can be the bot."
  type        = string
}

variable "region" {
  description = "Region of the worker pools, the subnet, the registry and the database."
  type        = string
}

variable "name" {
  description = "Prefix of what is made here."
  type        = string
  default     = "drawbridge"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,16}[a-z0-9]$", var.name))
    error_message = "4 to 18 lower case letters, digits and hyphens, beginning with a letter: with \"-cloudflared\" behind it, it names a service account, which takes 30."
  }
}

variable "service_projects" {
  description = "Further projects whose Cloud Run services the bot may read, besides the installation's own: google.projects of the policy."
  type        = set(string)
  default     = []
}

variable "connector_projects" {
  description = "Further projects with worker pools of connectors that the bot may read, besides the installation's own: connectors.workerPool of the policy."
  type        = set(string)
  default     = []
}

variable "cloudflare_account_id" {
  description = "Account that holds the zones and Access."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.cloudflare_account_id))
    error_message = "32 hexadecimal digits."
  }
}

variable "bot_image" {
  description = "Image of the bot, with a tag that is never moved or with a digest. Null makes everything but the worker pools: the first apply."
  type        = string
  default     = null

  validation {
    condition     = var.bot_image == null || can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$", coalesce(var.bot_image, "none")))
    error_message = "Name a tag or a digest."
  }

  validation {
    condition     = !endswith(coalesce(var.bot_image, "none"), ":latest")
    error_message = "latest moves: name a version."
  }
}

variable "bot_instances" {
  description = "Instances of the bot. Two need no further setting, as the store is Postgres. Three want more connections than db-g1-small takes (50) while a revision takes over: a larger database.tier."
  type        = number
  default     = 1

  validation {
    condition     = var.bot_instances >= 0 && var.bot_instances <= 3
    error_message = "0 turns the bot off; Slack allows 10 connections for each app, and an instance holds 2 and opens a third while it replaces one."
  }
}

variable "bot_env" {
  description = "More environment variables for the bot, such as LOG_LEVEL or SWEEP_SECONDS. No secrets."
  type        = map(string)
  default     = {}
}

variable "visit_client_id" {
  description = "Client id of an Access service token, to visit open hostnames through Access. Give the secret visit-client-secret its value first."
  type        = string
  default     = null
}

variable "reaper_schedule" {
  description = "When the reaper looks for what is past its end while the bot is down, as cron. Null: never by itself; the job stays for the commands that need the store."
  type        = string
  default     = "*/10 * * * *"
}

variable "cloudflared_image" {
  description = "Image of the connectors."
  type        = string
  default     = "docker.io/cloudflare/cloudflared:2026.8.3"

  validation {
    condition     = !endswith(var.cloudflared_image, ":latest")
    error_message = "latest moves: name a version."
  }
}

variable "cloudflared_instances" {
  description = "Connectors. Two keep the tunnel up while one restarts."
  type        = number
  default     = 2
}

variable "secret_versions" {
  description = "Version of each secret that the pools use. Adding a version to a secret changes nothing until its number stands here."
  type = object({
    slack_bot_token      = optional(string, "1")
    slack_app_token      = optional(string, "1")
    cloudflare_api_token = optional(string, "1")
    database_url         = optional(string, "1")
    policy               = optional(string, "1")
    tunnel_token         = optional(string, "1")
    visit_client_secret  = optional(string, "1")
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "Versions are numbers; latest would change under a running installation."
  }
}

variable "subnet_range" {
  description = "Range of the subnet of the connectors. Each instance takes addresses of it; /26 is the smallest that Direct VPC takes."
  type        = string
  default     = "10.118.0.0/26"
}

variable "database" {
  description = "Cloud SQL for Postgres for the bot's store, by IAM. instance: its name, if not that of the installation; a restored clone has another. Null means a Postgres of your own, named by the database-url secret."
  type = object({
    instance = optional(string)
    tier     = optional(string, "db-g1-small")
    version  = optional(string, "POSTGRES_17")
    regional = optional(bool, false)
  })
  default = {}
}

variable "grant_log_view" {
  description = "Lets the bot read the worker pools' log, through one log view and no further: to say why a tunnel broke. Name output log_view under google.logViews in the policy."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Keeps terraform destroy from removing the worker pools and the database."
  type        = bool
  default     = true
}
