// One process on one data folder, also where its id says nothing: in another container, or on another machine.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { FolderInUse, lockFolder } from "../../src/store/folder-lock.ts";
import { holderIn, type Standing, standingOf } from "../../src/store/lock-holder.ts";
import { feelPulse } from "../../src/store/pulse.ts";
import { startChild } from "../child.ts";

const HOLD = "store/hold-folder.ts";

/** Another container's: each has a process 1. */
const THEIRS = "1 77 their-token another-boot/pid:[4026532177]";
/** By a version that did not say where it was. */
const OLDER = "1 77";

/** What this process can tell of a lock, where it is in `here` and its process 1 started at 55. */
const HERE = "boot/pid:[4026532177]";
const STANDINGS: [lock: string, standing: Standing][] = [
  ["", "gone"],
  ["not a lock", "gone"],
  ["0 55 token boot/pid:[4026532177]", "gone"],
  ["1 55 token boot/pid:[4026532177]", "running"],
  ["1 54 token boot/pid:[4026532177]", "gone"],
  ["1 55 token boot/pid:[4026532178]", "elsewhere"],
  ["1 55 token other-boot/pid:[4026532177]", "elsewhere"],
  ["1 55 token ", "elsewhere"],
  ["1 55", "running"],
  ["1 54", "gone"],
];

test.each(STANDINGS)("of the process of the lock %j can be told: %s", (lock, standing) => {
  const isRunning = (pid: number, started: string) => pid === 1 && started === "55";
  expect(standingOf(holderIn(lock), HERE, isRunning)).toBe(standing);
});

const QUICK = { renewMs: 50, patienceMs: 1_500 };
const QUICKLY = [String(QUICK.renewMs), String(QUICK.patienceMs)];

function folderWith(lock: string | null): { folder: string; file: string; lock: () => string } {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "drawbridge.lock");
  if (lock !== null) writeFileSync(file, lock);
  return { folder, file, lock: () => readFileSync(file, "utf8") };
}

function touchNow(file: string): void {
  utimesSync(file, new Date(), new Date());
}

test("a lock that another container renews is left to it", async () => {
  const { folder, file, lock } = folderWith(THEIRS);
  const renewing = setInterval(() => touchNow(file), 50);
  onTestFinished(() => clearInterval(renewing));
  const refused = lockFolder(folder, QUICK);
  await expect(refused).rejects.toThrow(FolderInUse);
  await expect(refused).rejects.toThrow(/in another container or on another machine/);
  expect(lock()).toBe(THEIRS);
});

test("a lock of another container that is not renewed any more is taken over", async () => {
  const { folder, file, lock } = folderWith(THEIRS);
  const giveBack = await lockFolder(folder, QUICK);
  expect(lock()).toMatch(new RegExp(`^${process.pid} `));
  giveBack();
  expect(existsSync(file)).toBe(false);
});

test("a lock that another container gives back meanwhile is free", async () => {
  const { folder, file } = folderWith(THEIRS);
  const taking = lockFolder(folder, { ...QUICK, patienceMs: 60_000 });
  await setTimeout(300);
  rmSync(file);
  (await taking)();
});

/** Somebody who listens on a socket of the folder, as a bot does from its start. */
async function listenOn(folder: string, socket: string): Promise<Server> {
  const server = createServer().listen(join(folder, socket));
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return server;
}

test.each([
  ["another container's lock", THEIRS, "drawbridge.sock"],
  ["another container's lock", THEIRS, "audit.sock"],
  ["an older version's lock", OLDER, "audit.sock"],
  ["no lock", null, "audit.sock"],
])("the folder is in use while somebody listens in it, with %s %j on %s", async (_, left, socket) => {
  const { folder, file } = folderWith(left);
  const server = await listenOn(folder, socket);
  await expect(lockFolder(folder, QUICK)).rejects.toThrow(FolderInUse);
  expect(existsSync(file)).toBe(left !== null);
  server.close();
  (await lockFolder(folder, QUICK))();
});

test("a holder that is too busy to renew its lock keeps it from other containers", async () => {
  const { folder, file } = folderWith(null);
  const giveBack = await lockFolder(folder, { ...QUICK, renewMs: 3_600_000 });
  const held = readFileSync(file, "utf8");
  writeFileSync(file, THEIRS);
  await expect(lockFolder(folder, QUICK)).rejects.toThrow(FolderInUse);
  writeFileSync(file, held);
  giveBack();
  expect(readdirSync(folder)).toEqual([]);
});

test("a lock is renewed as long as it is held", async () => {
  const { folder, file } = folderWith(null);
  const giveBack = await lockFolder(folder, QUICK);
  utimesSync(file, 1, 1);
  await expect.poll(() => statSync(file).mtimeMs).toBeGreaterThan(1_000);
  giveBack();
});

test("a lock that became another's is not given back, nor its socket taken away", async () => {
  const { folder, file, lock } = folderWith(null);
  const giveBack = await lockFolder(folder);
  writeFileSync(file, THEIRS);
  giveBack();
  expect(lock()).toBe(THEIRS);
  expect(existsSync(join(folder, "drawbridge.sock"))).toBe(true);
});

test("a process whose lock became another's while it stood still ends at once, and says why", async () => {
  const { folder, file, lock } = folderWith(null);
  const stood = startChild(HOLD, [folder, "lock", ...QUICKLY]);
  await stood.says("holds");
  writeFileSync(file, THEIRS);
  expect(await stood.ended()).toMatch(/StoreUnusable: Another process took the data folder .* over/);
  expect(lock()).toBe(THEIRS);
});

/** Runs a command as the first process of a container: needs the rights of root. */
const CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const [COMMAND = "", ...FLAGS] = CONTAINER;
const canContain = spawnSync(COMMAND, [...FLAGS, "true"]).status === 0;

test.skipIf(!canContain)(
  "of two containers on one folder the second is refused, also its doctor",
  async () => {
    const { folder, lock } = folderWith(null);
    const first = startChild(HOLD, [folder, "lock", ...QUICKLY], { under: CONTAINER });
    await first.says("holds");
    const held = lock();
    expect(held).toMatch(/^1 /);
    const second = startChild(HOLD, [folder], { under: CONTAINER });
    expect(await second.ended()).toContain("FolderInUse");
    expect(await feelPulse({ dataDir: folder })).toMatchObject({ held: true });
    expect(lock()).toBe(held);
    await first.kill("SIGKILL");
    const third = startChild(HOLD, [folder, "lock", ...QUICKLY], { under: CONTAINER });
    await third.says("holds");
    expect(lock()).not.toBe(held);
  },
);

test("the doctor leaves a bot's lock and socket alone, and takes no lock that was left", async () => {
  const { folder, file, lock } = folderWith(null);
  const giveBack = await lockFolder(folder);
  const server = await listenOn(folder, "audit.sock");
  const held = lock();
  expect(await feelPulse({ dataDir: folder })).toMatchObject({ held: true });
  expect(lock()).toBe(held);
  expect(readdirSync(folder).sort()).toEqual(["audit.sock", "drawbridge.lock", "drawbridge.sock"]);
  server.close();
  giveBack();
  writeFileSync(file, THEIRS);
  expect(await feelPulse({ dataDir: folder })).toMatchObject({ held: false });
  expect(lock()).toBe(THEIRS);
});
