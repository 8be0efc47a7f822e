// A banner when the sandbox or the bot is not there to answer.
import { useDesk } from "./desk.ts";

export function StatusBanner({ online }: { online: boolean }) {
  const { bot } = useDesk().state;
  if (!online) {
    return (
      <div class="banner bad" role="alert">
        <b>The sandbox does not answer.</b> Is it still running in your terminal?
      </div>
    );
  }
  if (bot.state === "died") {
    return (
      <div class="banner bad" role="alert">
        <b>The bot died.</b> Nothing answers clicks and commands until the sandbox is started again.
        <pre>{bot.detail}</pre>
      </div>
    );
  }
  if (bot.state === "starting") return <Note text="The bot is starting. It connects in a few seconds." />;
  if (bot.state === "unready") return <Note text={`The bot runs, but says it is not ready: ${bot.detail}`} />;
  return null;
}

function Note({ text }: { text: string }) {
  return (
    <div class="banner" role="status">
      {text}
    </div>
  );
}
