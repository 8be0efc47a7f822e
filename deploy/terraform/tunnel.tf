# The tunnel. Its configuration is one document that the bot writes: never add a
# cloudflare_zero_trust_tunnel_cloudflared_config for it, the two would erase each other's routes.

resource "cloudflare_zero_trust_tunnel_cloudflared" "this" {
  account_id = var.cloudflare_account_id
  name       = var.name

  # Configured at Cloudflare, not by a file beside the connector: the bot refuses the other kind.
  config_src = "cloudflare"
}
