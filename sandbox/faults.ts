// Faults to inject: which request is hit, and what happens to it. The emulators ask before they answer.
import type { FaultRule, Faults } from "./contract.ts";

type Armed = FaultRule & { id: string; hits: number; seen: number };

export function createFaults(): Faults {
  let next = 1;
  let rules: Armed[] = [];
  return {
    add(rule) {
      const id = `fault-${next++}`;
      rules.push({ ...rule, id, hits: 0, seen: 0 });
      return id;
    },
    list: () => rules.map(({ seen: _, onHit: __, ...rule }) => rule),
    remove(id) {
      rules = rules.filter((rule) => rule.id !== id);
    },
    clear() {
      rules = [];
    },
    strike(request) {
      let hit: Armed | null = null;
      for (const rule of rules.filter((each) => matches(each, request))) {
        rule.seen += 1;
        const first = rule.nth ?? 1;
        const times = rule.times ?? 1;
        if (rule.seen >= first && (times === 0 || rule.seen < first + times)) hit ??= rule;
      }
      if (!hit) return null;
      hit.hits += 1;
      hit.onHit?.();
      return { id: hit.id, when: hit.when ?? "before", effect: hit.effect };
    },
  };
}

function matches(rule: FaultRule, request: { vendor: string; method: string; path: string }): boolean {
  if (rule.vendor !== request.vendor) return false;
  if (rule.method && rule.method.toLowerCase() !== request.method.toLowerCase()) return false;
  return !rule.path || new RegExp(rule.path).test(request.path);
}
