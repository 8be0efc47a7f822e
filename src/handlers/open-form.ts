// The form behind /expose: opened at once while Slack's trigger lives, filled when the answers are there, refilled when
// the service changes.
import { partsOf } from "../domain/audience.ts";
import type { Exposure } from "../domain/exposure.ts";
import { suggestLabel } from "../domain/hostname.ts";
import { eachTunnel, isWatched, type Policy, ruleFor, zonesFor } from "../domain/policy.ts";
import { type CloudRunService, parseServiceKey, type ServiceRef, serviceKey } from "../domain/service.ts";
import { isServiceFailure, orMissing } from "../services/failure.ts";
import { isAway } from "../store/away.ts";
import {
  type ExposeFormState,
  exposeForm,
  loadingForm,
  refusedForm,
  serviceOptions,
} from "../views/expose-form.ts";
import { redrawnForm } from "../views/expose-form-redraw.ts";
import { fieldProblemText } from "../views/field-problem-words.ts";
import { parseButtonValue } from "../views/ids.ts";
import { refusalText } from "../views/refusal-words.ts";
import { serviceWarnings } from "../views/service-words.ts";
import { toldOf } from "./failed-look-up.ts";
import type { Click, OptionsQuery } from "./inputs.ts";
import { offeredTo, recently } from "./offered.ts";
import { identify } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

type Asker = { userId: string; triggerId: string };

/** Answers a command or a shortcut that was already acked. `name` is what was typed after /expose; `before` was asked for once
 *  and is asked for again. */
export async function openForm(
  tools: HandlerTools,
  asker: Asker,
  name: string,
  before: Exposure | null = null,
): Promise<void> {
  const opened = await tools.slack.openView(asker.triggerId, loadingForm());
  tools.surroundings.prepare(eachTunnel(tools.policy).map(({ id }) => id));
  const view = await formFor(tools, asker.userId, name, before);
  await tools.slack.updateView({ viewId: opened.viewId, view }).catch(ignoreChanged);
}

async function formFor(
  tools: HandlerTools,
  userId: string,
  name: string,
  before: Exposure | null,
): Promise<ReturnType<typeof exposeForm>> {
  const [{ refusal }, problems] = await Promise.all([identify(tools, userId), problemsNow(tools)]);
  if (refusal?.because === "not-a-member") return refusedForm(refusalText(refusal));
  if (refusal) problems.push(refusalText(refusal));
  const warnings: string[] = [];
  const found = refusal ? null : await find(tools, userId, name, { problems, warnings });
  const state = stateFor(tools.policy, found, problems);
  if (!found) return exposeForm({ ...state, warnings });
  return exposeForm(before ? asBefore(state, before, tools.policy) : state);
}

/** The form as it was filled, where that can still be chosen. The reason is another one; and people who were picked are known by
 *  their emails alone. */
function asBefore(state: ExposeFormState, before: Exposure, policy: Policy): ExposeFormState {
  const { hostname, zone, audience, minutes, untilClosed } = before;
  const chosen = partsOf(audience, policy.audiences).map(({ id }) => id);
  return {
    ...state,
    hostnameLabel: hostname.slice(0, -zone.length - 1),
    chosenZone: zone,
    audiences: state.audiences.map((each) => ({ ...each, chosen: chosen.includes(each.id) })),
    defaultMinutes: minutes,
    untilClosed,
  };
}

/** What is told before anybody has filled anything. It is judged again when the form is sent: a store that does not answer
 *  keeps nobody from opening it. */
async function problemsNow({ guards }: HandlerTools): Promise<string[]> {
  const frozen = await guards.isOn("openings-frozen").catch((error: unknown) => {
    if (isAway(error)) return false;
    throw error;
  });
  return frozen ? [refusalText({ because: "openings-frozen" })] : [];
}

type Told = { problems: string[]; warnings: string[] };

async function find(
  tools: HandlerTools,
  userId: string,
  name: string,
  { problems, warnings }: Told,
): Promise<CloudRunService | null> {
  try {
    // Without a name too: Slack has no words for a list that could not be read, the form has.
    const { services, failure } = await offeredTo(tools, userId);
    const [listed, ...others] = namesake(services, name);
    if (listed && others.length > 0) {
      problems.push(severalNamed(name, [listed, ...others]));
      return null;
    }
    const service = listed && (await orMissing(tools.cloudRun.describe(listed)));
    if (service) return service;
    if (failure && services.length === 0) problems.push(toldOf(tools, failure));
    else if (failure) (name === "" ? warnings : problems).push(mayBeMissing(toldOf(tools, failure)));
    else if (name !== "")
      problems.push(`There is no service "${name}" that you may ask for. Choose one from the list.`);
  } catch (error) {
    problems.push(toldOf(tools, error));
  }
  return null;
}

/** The one whose key was typed, or all of that name: projects and regions may each have one. */
function namesake(services: CloudRunService[], name: string): CloudRunService[] {
  const exact = services.filter((each) => serviceKey(each) === name);
  return exact.length > 0 ? exact : services.filter((each) => each.name === name.toLowerCase());
}

function severalNamed(name: string, services: CloudRunService[]): string {
  return `Several services are named "${name}". Choose one from the list: ${services.map(serviceKey).sort().join(", ")}.`;
}

function mayBeMissing(why: string): string {
  return `Some services may be missing from the list. ${why}`;
}

/** Request Again on a card that has ended: the form, as it was filled. */
export function onRequestAgain(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const named = parseButtonValue(click.value);
    const exposure = named && (await tools.exposures.load(named.id));
    await openForm(tools, click, exposure ? serviceKey(exposure.service) : "", exposure);
  };
}

export function onServiceQuery(tools: HandlerTools) {
  return async ({ userId, query, ack }: OptionsQuery): Promise<void> => {
    const [{ refusal }, services] = await Promise.all([
      identify(recently(tools), userId),
      listedFor(tools, userId),
    ]);
    await ack(serviceOptions(refusal ? [] : services, query));
  };
}

async function listedFor(tools: HandlerTools, userId: string): Promise<CloudRunService[]> {
  try {
    return (await offeredTo(tools, userId)).services;
  } catch (error) {
    if (!isServiceFailure(error)) throw error;
    tools.log.warn({ err: error }, "services could not be listed for the form");
    return [];
  }
}

/** The service was chosen: suggest its hostname, offer its durations, warn of what Cloud Run says. */
export function onServiceChosen(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const ref = parseServiceKey(click.value);
    if (!click.view || !ref || !isWatched(tools.policy, ref)) return;
    const { id: viewId, hash, values, blocks } = click.view;
    const problems = await problemsNow(tools);
    const service = await chosen(tools, ref, problems);
    const view = redrawnForm(stateFor(tools.policy, service, problems), { values, blocks });
    await tools.slack.updateView({ viewId, hash, view }).catch(ignoreChanged);
  };
}

async function chosen(
  tools: HandlerTools,
  ref: ServiceRef,
  problems: string[],
): Promise<CloudRunService | null> {
  try {
    const service = await orMissing(tools.cloudRun.describe(ref));
    if (!service) problems.push(fieldProblemText({ field: "service", problem: "service-unknown" }));
    return service;
  } catch (error) {
    problems.push(toldOf(tools, error));
    return null;
  }
}

/** The person chose again, sent or closed the form meanwhile: that answer counts. */
function ignoreChanged(error: unknown): void {
  if (!isServiceFailure(error) || !(error.kind === "missing" || error.code === "hash_conflict")) throw error;
}

function stateFor(policy: Policy, service: CloudRunService | null, problems: string[]): ExposeFormState {
  const rule = service ? ruleFor(policy, service) : null;
  const known = rule ? [rule] : policy.rules;
  const durations = [...new Set(known.flatMap((each) => each.presets))].sort((a, b) => a - b);
  return {
    service,
    hostnameLabel: service ? suggestLabel(service.name) : "",
    zones: service
      ? zonesFor(policy, service)
      : [...new Set(policy.tunnels.flatMap((tunnel) => tunnel.zones))],
    audiences: policy.audiences.map(({ id, description, audience }) => ({
      id,
      description,
      name: audience.name,
    })),
    durations,
    reviewMinutes: rule?.reviewMinutes ?? null,
    defaultMinutes: durations[0] ?? 60,
    warnings: service ? serviceWarnings(service) : [],
    problems,
  };
}
