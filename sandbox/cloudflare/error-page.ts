// The pages that Cloudflare answers an error of its own with to whoever asks for HTML or for nothing in particular.
import { newHexId } from "./state.ts";

/** https://developers.cloudflare.com/changelog/post/2026-03-11-json-rfc9457-responses-for-1xxx-errors/ */
export function errorPage(code: number, title: string): string {
  const ray = newHexId().slice(0, 16);
  return `<!DOCTYPE html>
<html class="no-js" lang="en-US">
<head>
<title>${title} | Cloudflare</title>
<meta name="robots" content="noindex, nofollow" />
<link rel="stylesheet" id="cf_styles-css" href="/cdn-cgi/styles/cf.errors.css" />
</head>
<body>
  <div id="cf-wrapper">
    <div id="cf-error-details" class="cf-error-details-wrapper">
      <div class="cf-wrapper cf-header cf-error-overview">
        <h1>
          <span class="cf-error-type" data-translate="error">Error</span>
          <span class="cf-error-code">${code}</span>
          <small class="heading-ray-id">Ray ID: ${ray}</small>
        </h1>
        <h2 class="cf-subheadline" data-translate="error_desc">${title}</h2>
      </div>
    </div>
  </div>
</body>
</html>
`;
}

/** While the network itself is in trouble, as on 18 November 2025, with status 500.
 *  https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-500/ */
export function troublePage(hostname: string): string {
  return `<!DOCTYPE html>
<html class="no-js" lang="en-US">
<head>
<title>${hostname} | 500: Internal server error</title>
<link rel="stylesheet" id="cf_styles-css" href="/cdn-cgi/styles/main.css" />
</head>
<body>
  <div id="cf-wrapper">
    <div id="cf-error-details" class="p-0">
      <header>
        <h1><span>Internal server error</span> <span class="code-label">Error code 500</span></h1>
      </header>
    </div>
  </div>
</body>
</html>
`;
}
