// What somebody who asks reads of a vendor's trouble. What does not pass by itself is for whoever runs Drawbridge to mend: it
// names roles, projects and scopes, and would be cut where a form has little room.

type Failure = { kind: string; vendor: string; message: string };

const CANNOT: Record<string, string> = {
  google: "Drawbridge cannot read the Cloud Run services just now.",
  slack: "Drawbridge cannot look up people and user groups in Slack just now.",
  cloudflare: "Drawbridge cannot see just now what stands at Cloudflare.",
};

/** For a form, where it is plain text. */
export function failureText({ kind, vendor, message }: Failure): string {
  if (kind === "retry") return passing(message);
  const what = CANNOT[vendor] ?? "Drawbridge cannot look this up just now.";
  return `${what} Tell a Drawbridge admin: /expose doctor shows what is missing.`;
}

/** For whoever clicked or typed a command, where there is room for what a vendor said. */
export function answerText({ kind, message }: Failure): string {
  return kind === "retry" ? passing(message) : message;
}

/** Some of them say by themselves when it goes on. */
function passing(message: string): string {
  return /\bagain\b|\bgoes on\b/.test(message) ? message : `${message} Try again in a minute.`;
}
