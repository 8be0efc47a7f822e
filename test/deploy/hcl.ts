// Enough of Terraform's language to hold the module against the code: blocks, attributes and layout, line by line.
export type Block = { type: string; labels: string[]; path: string; attributes: Record<string, string> };

/** Every block at any depth; `path` is its types from the outside in, as in `resource.template.containers`. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const open: (Block | null)[] = [];
  for (const line of text.split("\n").map((each) => each.trim())) {
    const header = /^([a-z_0-9]+)((?:\s+"[^"]*")*)\s*\{(\})?$/.exec(line);
    if (header) {
      const labels = [...(header[2] ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
      const around = open.findLast((each) => each !== null);
      const path = [around?.path, header[1]].filter(Boolean).join(".");
      const block = { type: header[1] ?? "", labels, path, attributes: {} };
      blocks.push(block);
      if (!header[3]) open.push(block);
      continue;
    }
    const attribute = /^"?([\w-]+)"?\s*=\s*(.*)$/.exec(line);
    const within = open.findLast((each) => each !== null);
    if (attribute && within) within.attributes[attribute[1] ?? ""] = attribute[2] ?? "";
    for (const step of depthSteps(line)) step > 0 ? open.push(null) : open.pop();
  }
  return blocks;
}

/** +1 for each bracket that a line opens, -1 for each that it closes, outside strings and comments. */
function depthSteps(line: string): number[] {
  const bare = line.startsWith("#") ? "" : line.replace(/"(?:[^"\\]|\\.)*"/g, "");
  const steps = [...bare].flatMap((each) => ("{[(".includes(each) ? [1] : "}])".includes(each) ? [-1] : []));
  const sum = steps.reduce((total, step) => total + step, 0);
  return Array.from({ length: Math.abs(sum) }, () => Math.sign(sum));
}

/** What `terraform fmt` would change: indents of two spaces by depth, `=` in one column for neighbouring lines. */
export function layoutProblems(text: string): string[] {
  const problems: string[] = [];
  let depth = 0;
  let run: { line: number; column: number; widest: number }[] = [];
  const settle = () => {
    const widest = Math.max(0, ...run.map((each) => each.widest));
    for (const each of run)
      if (each.column !== widest + 1) problems.push(`line ${each.line}: = is not in its column`);
    run = [];
  };
  text.split("\n").forEach((line, index) => {
    const trimmed = line.trim();
    // A line that opens two brackets indents once, and the line that closes both ends it.
    const change = depthSteps(trimmed)[0] ?? 0;
    const indent = 2 * (depth + (/^[}\])]/.test(trimmed) ? -1 : 0));
    if (trimmed && line.search(/\S/) !== indent)
      problems.push(`line ${index + 1}: not indented by ${indent}`);
    if (/\s$/.test(line)) problems.push(`line ${index + 1}: ends in a space`);
    depth += change;
    const name = /^([\w".-]+)\s*=(?!=)/.exec(trimmed)?.[1];
    if (name && change === 0)
      run.push({ line: index + 1, column: trimmed.indexOf("="), widest: name.length });
    else settle();
  });
  settle();
  return problems;
}
