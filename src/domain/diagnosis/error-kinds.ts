// Reads the error texts that cloudflared hands on from Go's net, tls and quic-go packages. The ends of these texts are
// stable across versions, whole sentences are not.

export type EdgeError =
  | "token"
  | "fd"
  | "edge-dns"
  | "edge-ipv6"
  | "quic-blocked"
  | "quic-rejected"
  | "tcp-blocked"
  | "quic-drop"
  | "h2-drop"
  | "drop-echo"
  | "bad-flags"
  | "harmless"
  | "unknown";

export type OriginError = "dns" | "tls" | "refused" | "unreachable" | "fd" | "harmless";

const FILES = /too many open files/i;
const TOKEN =
  /unauthorized|invalid tunnel secret|failed to get tunnel|account doesn'?t have tunnel|tunnel not found|authentication fail/i;
const HARMLESS = /already connected to this server|^context canceled$|shutdown started|EDUPCONN/i;
const LOOKUP =
  /argotunnel\.com.*(no such host|server misbehaving|i\/o timeout|timed? ?out|name resolution|refused|SERVFAIL|NXDOMAIN|no answer|unreachable)|(could not|couldn'?t|failed to) (lookup|resolve) srv|srv record .* had no ips|expected at least 2 Cloudflare Regions|failed to resolve any edge address|edge discovery/i;
const QUIC_DIAL = /failed to dial to edge with quic/i;
const QUIC_REFUSED =
  /CRYPTO_ERROR|no application protocol|no compatible QUIC version|version negotiation|PROTOCOL_VIOLATION|CONNECTION_REFUSED|TRANSPORT_PARAMETER_ERROR|Application error/i;
const NO_ROUTE =
  /network is unreachable|no route to host|cannot assign requested address|address family not/i;
const IPV6_EDGE = /\[[0-9a-f]*:[0-9a-f:]*(%\w+)?\]:7844/i;
const EDGE_DIAL =
  /DialContext error|TLS handshake with edge error|(dial|read|write) tcp \S*:7844|->\S+:7844/i;
const QUIC_DROP =
  /failed to accept QUIC stream|no recent network activity|Application error 0x0|accept stream listener encountered|datagram manager encountered|stateless reset/i;
const FLAGS =
  /flag provided but not defined|invalid value .* for (flag|option)|flag needs an argument|address already in use|failed to bind to address|must be equal or less than|unknown protocol |region provided with a token|invalid edge-bind-address|unknown shorthand flag/i;

/** `edgeIp` is the address the line names, for errors that do not repeat it. */
export function edgeError(error: string, edgeIp: string | null = null): EdgeError {
  if (FILES.test(error)) return "fd";
  if (TOKEN.test(error)) return "token";
  if (HARMLESS.test(error)) return "harmless";
  if (FLAGS.test(error)) return "bad-flags";
  const ipv6 = IPV6_EDGE.test(error) || (edgeIp?.includes(":") ?? false);
  if (QUIC_DIAL.test(error)) return quicDialError(error, ipv6);
  if (EDGE_DIAL.test(error)) return ipv6 && !/x509|tls:/i.test(error) ? "edge-ipv6" : "tcp-blocked";
  if (LOOKUP.test(error)) return "edge-dns";
  if (QUIC_DROP.test(error)) return "quic-drop";
  if (/connection with edge closed/i.test(error)) return "h2-drop";
  if (/control stream/i.test(error)) return "drop-echo";
  return "unknown";
}

function quicDialError(error: string, ipv6: boolean): EdgeError {
  if (ipv6 && NO_ROUTE.test(error)) return "edge-ipv6";
  // A reply, though a refusing one, proves that UDP passes.
  return QUIC_REFUSED.test(error) ? "quic-rejected" : "quic-blocked";
}

const ORIGIN_DNS =
  /no such host|server misbehaving|name resolution|lookup \S+.*(timeout|timed out|refused|unreachable)/i;
const ORIGIN_TLS =
  /x509|tls: |certificate|handshake failure|gave HTTP response to HTTPS|malformed HTTP (response|status code)|first record does not look like/i;
// The visitor went away, or cloudflared's own second lock refused a request without a token.
const VISITOR =
  /context canceled|ended abruptly|filtered by middleware|client disconnected|stream \d+ canceled|http2: stream closed/i;

export function originError(error: string): OriginError {
  if (FILES.test(error)) return "fd";
  if (VISITOR.test(error)) return "harmless";
  if (ORIGIN_DNS.test(error)) return "dns";
  if (/TLS handshake timeout/i.test(error)) return "unreachable";
  if (ORIGIN_TLS.test(error)) return "tls";
  if (/connection refused/i.test(error)) return "refused";
  return "unreachable";
}
