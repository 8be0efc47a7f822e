// Tells from vitest's JSON report which tests passed only at their second try: one that does so often is at fault, or
// what it tests is.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

function secondTries(report) {
  return report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === "passed" && failureMessages.length > 0)
      .map(({ fullName, failureMessages: [first] }) => {
        const why = first.split("\n")[0];
        return `  ${relative(process.cwd(), name)}: ${fullName}\n    ${why}`;
      }),
  );
}

try {
  const tries = secondTries(JSON.parse(readFileSync(process.argv[2], "utf8")));
  process.stdout.write([`${tries.length} needed a second try`, ...tries, ""].join("\n"));
} catch (error) {
  process.stdout.write(`how many needed a second try is not known: ${error.message}\n`);
}
