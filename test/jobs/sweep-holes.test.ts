// What a sweep tells of holes, and when it leaves Cloudflare alone.
import { expect, test } from "vitest";
import { foreignApplication } from "../domain/model-spoils.ts";
import { everything, known, routeOf } from "../domain/plan-scenes.ts";
import { onBothEngines } from "../engines.ts";
import { ASKED, storeOn } from "../store/sample-exposure.ts";
import { HOLE, openOn, sweepOver, TUNNEL } from "./sweeping.ts";

onBothEngines("a sweep", (open) => {
  test("tells once of each path that stands open, and of none at a hostname of ours: that is closed, not told", async () => {
    const database = await open();
    const store = storeOn(database);
    const own = openOn(TUNNEL, "shore.example");
    await store.submit(own, ASKED);
    const paths = ["/metrics"];
    const guarded = { ...foreignApplication(HOLE.hostname, "shop"), publicPaths: paths };
    const seen = { ...everything(own, [HOLE, routeOf(own, null)]), applications: [guarded] };
    const sweep = sweepOver(database, store, [], async () => seen);
    await sweep.run();
    paths.push("/hook");
    await sweep.run();
    await sweep.run();
    expect(sweep.told).toEqual([`${HOLE.hostname}/metrics`, `${HOLE.hostname}/hook`]);
    expect(sweep.woken).toContain(TUNNEL);
  });

  test("tells of an application that no store knows at one of the policy's tunnels, though each sees it", async () => {
    const database = await open();
    const whole = everything(openOn(TUNNEL, "lost.example"), []);
    const sweep = sweepOver(database, storeOn(database), [], async (id) => ({
      ...whole,
      tunnel: { ...whole.tunnel, id },
    }));
    await sweep.run("another");
    expect(sweep.unknown).toEqual([]);
    await sweep.run();
    expect(sweep.unknown).toEqual(["open.lost.example"]);
  });

  test("asks Cloudflare nothing while few of its calls are left", async () => {
    const database = await open();
    const asked: string[] = [];
    const observe = async (tunnelId: string) => {
      asked.push(tunnelId);
      return everything(known(openOn(TUNNEL, "shore.example")));
    };
    let short = true;
    const sweep = sweepOver(database, storeOn(database), [], observe, () => short);
    await sweep.run();
    expect(asked).toEqual([]);
    short = false;
    await sweep.run();
    expect(asked).toEqual([TUNNEL]);
  });
});
