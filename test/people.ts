// What people do in Slack, in the words of the stories. Everything goes through real envelopes.
import type { Delivery, FormValues, SlackMessage, SlackView } from "../sandbox/contract.ts";
import type { Sandbox } from "../sandbox/start.ts";
import { blocks, inputs, type RevisedField, revisedBlock, revisionOf } from "../src/views/ids.ts";

export type Request = {
  service: string;
  hostname?: string;
  zone?: string;
  audiences?: string[];
  people?: string[];
  /** Minutes, or "until-closed". */
  duration?: number | string;
  reason?: string;
};

export type Person = {
  id: string;
  runs(text: string, channel?: string): Promise<Delivery>;
  /** The top modal, once it is filled. */
  modal(): Promise<SlackView>;
  /** `/expose`, and the form that it opens, filled. Whatever form stood open before is closed. */
  opensForm(text: string): Promise<SlackView>;
  /** Asks by `/expose <service>` and the form. Answers the field errors, or null when the form was taken. */
  asks(request: Request): Promise<Record<string, string> | null>;
  /** Another service in the form on top. */
  chooses(service: string): Promise<SlackView>;
  presses(button: string, message: SlackMessage | null): Promise<Delivery>;
  /** Presses a button and reads what only they are told of it. */
  pressesInVain(button: string, message: SlackMessage | null): Promise<string>;
  /** `/expose` with these words, and the answer that only they see. */
  isAnswered(text: string): Promise<SlackMessage>;
  closesForms(): Promise<void>;
  /** Fills the top modal by action id and sends it; answers the field errors, or null. */
  submits(values: Record<string, string | string[]>): Promise<Record<string, string> | null>;
  /** What only this person sees in a channel. */
  ephemerals(channel: string): string[];
  directMessages(): SlackMessage[];
};

type Until = <T>(what: string, check: () => T | Promise<T>, seconds?: number) => Promise<NonNullable<T>>;

export function createPerson({ slack }: Sandbox, id: string, until: Until): Person {
  const top = () => slack.modals(id).at(-1) ?? null;
  const filled = () => until(`${id}'s form is filled`, () => (top()?.view.submit ? top() : null));

  async function closesForms(): Promise<void> {
    for (const open of slack.modals(id).reverse()) await slack.closeView(id, open.id);
  }

  async function opensForm(text: string): Promise<SlackView> {
    await closesForms();
    await slack.command(id, "C0GENERAL", "/expose", text);
    return await filled();
  }

  const toldAlone = (channel: string) => slack.messages(channel, id).filter((each) => each.only === id);

  async function presses(button: string, message: SlackMessage | null): Promise<Delivery> {
    const element = findButton(message, button);
    if (!message || !element) throw new Error(`there is no button "${button}" to press`);
    return await slack.act(id, { channel: message.channel, ts: message.ts }, element);
  }

  /** What only this person is told in a channel because of what they do now. */
  async function toldBy(channel: string, act: () => Promise<Delivery>): Promise<SlackMessage> {
    const before = toldAlone(channel).length;
    await act();
    await until(`${id} is told something`, () => toldAlone(channel).length > before);
    return toldAlone(channel).at(-1)!;
  }

  async function submit(view: SlackView, values: FormValues): Promise<Record<string, string> | null> {
    const { outcome } = await slack.submit(id, view.id, values);
    if (outcome === "failed") throw new Error(`nobody took ${id}'s form`);
    const still = slack.modals(id).find((each) => each.id === view.id);
    if (still?.errors && Object.keys(still.errors).length > 0) return still.errors;
    // What took the form's place has been read.
    if (still) await slack.closeView(id, still.id);
    return null;
  }

  async function choose(view: SlackView, service: string): Promise<SlackView> {
    const options = (await slack.options(id, view.id, blocks.service, inputs.service, service)) as OptionList;
    const found = options.options.find((each) => each.text.text === service);
    if (!found) throw new Error(`${service} is not offered to ${id}`);
    const value = { actionId: inputs.service, blockId: blocks.service, value: found.value };
    await slack.act(id, { viewId: view.id }, value);
    return await until("the form suggests a hostname", () => {
      const now = top();
      return now && now.hash !== view.hash ? now : null;
    });
  }

  return {
    id,
    runs: (text, channel = "C0GENERAL") => slack.command(id, channel, "/expose", text),
    modal: filled,
    opensForm,
    async asks(request) {
      let view = await opensForm(request.service);
      if (!isChosen(view)) view = await choose(view, request.service);
      return await submit(view, valuesOf(view, request));
    },
    chooses: async (service) => await choose(await filled(), service),
    presses,
    async pressesInVain(button, message) {
      return (await toldBy(message?.channel ?? "", () => presses(button, message))).text;
    },
    isAnswered: (text) => toldBy("C0GENERAL", () => slack.command(id, "C0GENERAL", "/expose", text)),
    closesForms,
    async submits(values) {
      const view = await filled();
      return await submit(view, byBlock(view, values));
    },
    ephemerals: (channel) => toldAlone(channel).map((each) => each.text),
    directMessages: () => slack.messages(slack.dm(id), id).filter((each) => each.user !== id),
  };
}

type OptionList = { options: { text: { text: string }; value: string }[] };
type Element = { action_id: string; initial_option?: unknown; value?: string; text?: { text: string } };
type Block = { type: string; block_id: string; element?: Element; elements?: Element[] };

function blocksOf(view: { view: Record<string, unknown> }): Block[] {
  return (view.view.blocks as Block[] | undefined) ?? [];
}

function isChosen(view: SlackView): boolean {
  return blocksOf(view).some((each) => each.block_id === blocks.service && each.element?.initial_option);
}

function valuesOf(view: SlackView, request: Request): FormValues {
  const values: FormValues = {
    [blocks.audience]: { [inputs.audience]: request.audiences ?? ["employees"] },
    [blockIn(view, "duration")]: { [inputs.duration]: String(request.duration ?? 60) },
    [blocks.reason]: { [inputs.reason]: request.reason ?? "Month-end closing" },
  };
  if (request.people) values[blocks.people] = { [inputs.people]: request.people };
  if (request.zone) values[blockIn(view, "zone")] = { [inputs.zone]: request.zone };
  if (request.hostname !== undefined)
    values[blockIn(view, "hostname")] = { [inputs.hostname]: request.hostname };
  return values;
}

/** The field's block, under the revision that this form has it in. */
function blockIn(view: SlackView, field: RevisedField): string {
  const found = blocksOf(view).find((each) => revisionOf(field, each.block_id) !== null);
  return found?.block_id ?? revisedBlock(field, 0);
}

function byBlock(view: SlackView, values: Record<string, string | string[]>): FormValues {
  const found: FormValues = {};
  for (const { block_id, element } of blocksOf(view)) {
    const value = element && values[element.action_id];
    if (element && value !== undefined) found[block_id] = { [element.action_id]: value };
  }
  return found;
}

function findButton(message: SlackMessage | null, label: string) {
  for (const block of (message?.blocks ?? []) as Block[]) {
    const element = block.elements?.find((each) => each.text?.text === label);
    if (element)
      return { actionId: element.action_id, blockId: block.block_id, value: element.value ?? null };
  }
  return null;
}
