// What /expose doctor answers an admin.
import { textOf, type World } from "./world.ts";

export async function examined(world: World): Promise<string> {
  const before = reports(world).length;
  await world.lee.runs("doctor");
  await world.until("the doctor answers", () => reports(world).length > before, 40);
  return reports(world).at(-1) ?? "";
}

function reports({ lee, sandbox }: World): string[] {
  const told = sandbox.slack.messages("C0GENERAL", lee.id).filter((message) => message.only === lee.id);
  return told.map(textOf).filter((text) => /^All \d|passed\./.test(text));
}
