// Reads metrics in Prometheus' text format. https://prometheus.io/docs/instrumenting/exposition_formats/

export type Sample = { name: string; labels: string; value: number };

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([^\s]+)(?:\s+-?\d+)?$/;

/** What is no sample is left out. */
export function readMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const match = line.startsWith("#") ? null : SAMPLE.exec(line.trim());
    if (!match) return [];
    const [, name = "", labels = "", value = ""] = match;
    return [{ name, labels, value: Number(value) }];
  });
}

export function labelOf({ labels }: Sample, label: string): string | null {
  const match = new RegExp(`(?:^|,)\\s*${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(labels);
  return match?.[1]?.replace(/\\(.)/g, (_, each) => (each === "n" ? "\n" : each)) ?? null;
}
