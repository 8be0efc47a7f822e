// What is reported once for as long as it stands.
import { beforeAll, expect, test } from "vitest";
import { createReports, type Reports } from "../../src/store/reports.ts";
import { onBothEngines } from "../engines.ts";
import { minutesPast, NOON } from "./sample-exposure.ts";

const REPORT = { channel: "C-OPS", ts: "1893499200.000300" };

onBothEngines("reports", (open) => {
  let reports: Reports;

  beforeAll(async () => {
    reports = createReports((await open()).db);
  });

  test("a hole is reported once, however often and by however many it is seen", async () => {
    const key = "tunnel-1 a.example.com";
    await Promise.all(Array.from({ length: 10 }, () => reports.note(key, NOON)));
    expect(await reports.unreported()).toEqual([key]);
    await reports.reported(key, REPORT);
    await reports.note(key, minutesPast(1));
    expect(await reports.unreported()).toEqual([]);
  });

  test("a hole that is gone is forgotten, so that it is reported when it is back; others' stay", async () => {
    const keys = ["tunnel-6 a", "tunnel-6 b", "tunnel-60 a"];
    const seen = async () => {
      for (const key of keys) await reports.note(key, NOON);
      const news = await reports.unreported();
      for (const key of news) await reports.reported(key, REPORT);
      return news.sort();
    };
    expect(await seen()).toEqual(keys);
    await reports.forgetBut("tunnel-6 ", ["tunnel-6 b"]);
    expect(await seen()).toEqual(["tunnel-6 a"]);
    await reports.forgetBut("tunnel-6 ", []);
    expect(await seen()).toEqual(["tunnel-6 a", "tunnel-6 b"]);
  });
});
