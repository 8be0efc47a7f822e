// The page that Cloudflare answers a 1xxx error with to whoever asks for HTML or for nothing in particular.
// https://developers.cloudflare.com/changelog/post/2026-03-11-json-rfc9457-responses-for-1xxx-errors/
import { newHexId } from "./state.ts";

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
