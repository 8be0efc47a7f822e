// Takes secrets out of text that leaves the process: log lines, what a crash prints, and words for people.

export const SECRET_NAME =
  /token|secret|passw|authorization|cookie|api[-_]?key|private[-_]?key|credential|response_?url|trigger_?id|private_?metadata|database_?url/i;

export const HIDDEN = "[redacted]";

/** Text that is a secret by its shape, wherever it stands. What is matched holds no quote or backslash, so a line of
 *  JSON stays JSON. */
const SHAPES: [RegExp, string][] = [
  [/\bxox[a-z](?:\.xox[a-z])?-[\w-]+/g, HIDDEN],
  [/\bxapp-[\w-]+/g, HIDDEN],
  [/\b(Bearer)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [/\b(Basic)\s+[\w+/]{16,}=*/gi, `$1 ${HIDDEN}`],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s"\\/@]+@/gi, `$1${HIDDEN}@`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\bya29\.[\w-]+/g, HIDDEN],
  [/(hooks\.slack\.com\/)[^\s"\\]+/g, `$1${HIDDEN}`],
  [/(\bwss?:\/\/[^\s"\\?]*\?)[^\s"\\]+/g, `$1${HIDDEN}`],
  [/([?&](?:ticket|token|code|state|access_token|client_secret)=)[^\s"\\&]+/gi, `$1${HIDDEN}`],
];

// A field of this line, and of JSON quoted once inside a string of it. Each keeps to its own string.
const NAME = `[\\w.-]*(?:${SECRET_NAME.source})[\\w.-]*`;
const FIELD = new RegExp(String.raw`("${NAME}"\s*:\s*")(?:[^"\\]|\\.)*(")`, "gi");
const QUOTED_FIELD = new RegExp(
  String.raw`(\\"${NAME}\\"\s*:\s*\\")(?:[^"\\]|\\\\(?:\\.|[^"\\]))*(\\")`,
  "gi",
);

/** Takes secrets out of text: by name of the field, by shape, and by value. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const values = secrets.filter((secret) => secret.length >= 6);
  const spellings = values.flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ]);
  const known = [...new Set(spellings)].sort((left, right) => right.length - left.length);
  return (text) => {
    let clean = text;
    for (const spelling of known) clean = clean.replaceAll(spelling, HIDDEN);
    for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead);
    return clean.replace(FIELD, `$1${HIDDEN}$2`).replace(QUOTED_FIELD, `$1${HIDDEN}$2`);
  };
}
