// Each emulated endpoint, the vendor's document that describes it, and the test file that calls it through the SDK.
export type CoverageRow = { endpoint: string; documentation: string; test: string };

const API = "https://developers.cloudflare.com/api/resources";
const TUNNELS = `${API}/zero_trust/subresources/tunnels/subresources/cloudflared`;
const ACCESS = `${API}/zero_trust/subresources/access/subresources`;
const RECORDS = `${API}/dns/subresources/records`;

const TUNNEL = "/accounts/{account_id}/cfd_tunnel/{tunnel_id}";
const APPS = "/accounts/{account_id}/access/apps";
const POLICIES = "/accounts/{account_id}/access/policies";
const DNS = "/zones/{zone_id}/dns_records";

const TUNNEL_TEST = "test/sandbox/cloudflare-tunnels.test.ts";
const ACCESS_TEST = "test/sandbox/cloudflare-access.test.ts";
const TOKENS_TEST = "test/sandbox/cloudflare-tokens.test.ts";
const DNS_TEST = "test/sandbox/cloudflare-dns.test.ts";
const API_TEST = "test/sandbox/cloudflare-api.test.ts";

export const cloudflareCoverage: CoverageRow[] = [
  row("GET /accounts/{account_id}/cfd_tunnel", `${TUNNELS}/methods/list/`, TUNNEL_TEST),
  row("POST /accounts/{account_id}/cfd_tunnel", `${TUNNELS}/methods/create/`, TUNNEL_TEST),
  row(`GET ${TUNNEL}`, `${TUNNELS}/methods/get/`, TUNNEL_TEST),
  row(`PATCH ${TUNNEL}`, `${TUNNELS}/methods/edit/`, TUNNEL_TEST),
  row(`DELETE ${TUNNEL}`, `${TUNNELS}/methods/delete/`, TUNNEL_TEST),
  row(`GET ${TUNNEL}/token`, `${TUNNELS}/subresources/token/methods/get/`, TUNNEL_TEST),
  row(`GET ${TUNNEL}/connections`, `${TUNNELS}/subresources/connections/methods/get/`, TUNNEL_TEST),
  row(`DELETE ${TUNNEL}/connections`, `${TUNNELS}/subresources/connections/methods/delete/`, TUNNEL_TEST),
  row(`GET ${TUNNEL}/configurations`, `${TUNNELS}/subresources/configurations/methods/get/`, TUNNEL_TEST),
  row(`PUT ${TUNNEL}/configurations`, `${TUNNELS}/subresources/configurations/methods/update/`, TUNNEL_TEST),
  row(`GET ${APPS}`, `${ACCESS}/applications/methods/list/`, ACCESS_TEST),
  row(`POST ${APPS}`, `${ACCESS}/applications/methods/create/`, ACCESS_TEST),
  row(`GET ${APPS}/{app_id}`, `${ACCESS}/applications/methods/get/`, ACCESS_TEST),
  row(`PUT ${APPS}/{app_id}`, `${ACCESS}/applications/methods/update/`, ACCESS_TEST),
  row(`DELETE ${APPS}/{app_id}`, `${ACCESS}/applications/methods/delete/`, ACCESS_TEST),
  row(`POST ${APPS}/{app_id}/revoke_tokens`, `${ACCESS}/applications/methods/revoke_tokens/`, TOKENS_TEST),
  row(`GET ${POLICIES}`, `${ACCESS}/policies/methods/list/`, ACCESS_TEST),
  row(`POST ${POLICIES}`, `${ACCESS}/policies/methods/create/`, ACCESS_TEST),
  row(`GET ${POLICIES}/{policy_id}`, `${ACCESS}/policies/methods/get/`, ACCESS_TEST),
  row(`PUT ${POLICIES}/{policy_id}`, `${ACCESS}/policies/methods/update/`, ACCESS_TEST),
  row(`DELETE ${POLICIES}/{policy_id}`, `${ACCESS}/policies/methods/delete/`, ACCESS_TEST),
  row("GET /accounts/{account_id}/access/tags", `${ACCESS}/tags/methods/list/`, ACCESS_TEST),
  row("GET /accounts/{account_id}/access/tags/{tag_name}", `${ACCESS}/tags/methods/get/`, ACCESS_TEST),
  row("POST /accounts/{account_id}/access/tags", `${ACCESS}/tags/methods/create/`, ACCESS_TEST),
  row("GET /accounts/{account_id}/access/groups", `${ACCESS}/groups/methods/list/`, API_TEST),
  row(
    "GET /accounts/{account_id}/access/logs/access_requests",
    `${ACCESS}/logs/subresources/access_requests/methods/list/`,
    TOKENS_TEST,
  ),
  row(
    "GET /accounts/{account_id}/access/organizations",
    `${API}/zero_trust/subresources/organizations/methods/list/`,
    API_TEST,
  ),
  row(
    "GET /accounts/{account_id}/access/identity_providers",
    `${API}/zero_trust/subresources/identity_providers/methods/list/`,
    API_TEST,
  ),
  row("GET /zones", `${API}/zones/methods/list/`, DNS_TEST),
  row(`GET ${DNS}`, `${RECORDS}/methods/list/`, DNS_TEST),
  row(`POST ${DNS}`, `${RECORDS}/methods/create/`, DNS_TEST),
  row(`GET ${DNS}/{dns_record_id}`, `${RECORDS}/methods/get/`, DNS_TEST),
  row(`PUT ${DNS}/{dns_record_id}`, `${RECORDS}/methods/update/`, DNS_TEST),
  row(`PATCH ${DNS}/{dns_record_id}`, `${RECORDS}/methods/edit/`, DNS_TEST),
  row(`DELETE ${DNS}/{dns_record_id}`, `${RECORDS}/methods/delete/`, DNS_TEST),
  row("GET /user/tokens/verify", `${API}/user/subresources/tokens/methods/verify/`, API_TEST),
  row(
    "GET /accounts/{account_id}/tokens/verify",
    `${API}/accounts/subresources/tokens/methods/verify/`,
    API_TEST,
  ),
];

function row(endpoint: string, documentation: string, test: string): CoverageRow {
  return { endpoint, documentation, test };
}
