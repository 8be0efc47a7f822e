// The demo company with many more services, `shop-1`, `shop-2`, … and so on, so that each story of a file has its own.
import type { DemoSeed } from "../sandbox/seed.ts";
import { quickSeed } from "./world.ts";

export function withShops(count: number): DemoSeed {
  const seed = quickSeed();
  const shops = Array.from({ length: count }, (_, index) => ({
    project: "lakeside-prod",
    region: "asia-northeast1",
    name: `shop-${index + 1}`,
    ingress: "internal" as const,
    publicInvoker: true,
  }));
  return { ...seed, google: { ...seed.google, services: [...seed.google.services, ...shops] } };
}
