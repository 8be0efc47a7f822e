// The app's Home tab where it has one, and the tabs above it.
import { useEffect } from "preact/hooks";
import type { SlackView } from "../contract.ts";
import { post } from "./api.ts";
import { Avatar } from "./avatar.tsx";
import { Blocks } from "./blocks/block.tsx";
import { SurfaceContext } from "./blocks/surface.ts";
import type { Block } from "./blocks/types.ts";
import { failureWords, useDesk } from "./desk.ts";
import { useViewSurface } from "./view-surface.ts";

export function HomeView() {
  const { state } = useDesk();
  return state.app.homeTab ? <PublishedHome /> : <NoMessages />;
}

/** Without a Home tab, and before the app has written for the first time. */
function NoMessages() {
  const { state } = useDesk();
  return (
    <main class="channel" aria-label={state.app.name}>
      <AppTabs current="messages" />
      <div class="messages empty">
        <p>
          <b>Nothing here yet.</b>
          <br />
          What {state.app.name} has to tell you alone appears here.
        </p>
      </div>
    </main>
  );
}

function PublishedHome() {
  const { state, perform } = useDesk();
  useEffect(() => {
    void perform(post("/slack/home", { user: state.as }), failureWords(`${state.app.name}: opening Home`));
  }, []);
  return (
    <main class="channel" aria-label={`${state.app.name} Home`}>
      <AppTabs current="home" />
      <div class="home">
        {state.home ? (
          <HomeContent key={state.home.id} view={state.home} />
        ) : (
          <p class="muted">The app has not published its Home tab.</p>
        )}
      </div>
    </main>
  );
}

function HomeContent({ view }: { view: SlackView }) {
  const { surface } = useViewSurface(view);
  return (
    <SurfaceContext.Provider value={surface}>
      <Blocks blocks={(view.view.blocks ?? []) as Block[]} />
    </SurfaceContext.Provider>
  );
}

export function AppTabs({ current }: { current: "home" | "messages" }) {
  const { state, go } = useDesk();
  const dm = state.channels.find((channel) => channel.isIm && channel.members.includes(state.as));
  return (
    <header class="channel-head app-head">
      <h2>
        <Avatar id={state.botUserId} state={state} size={24} /> {state.app.name}
      </h2>
      <div role="tablist" aria-label={state.app.name}>
        {state.app.homeTab && (
          <button
            type="button"
            role="tab"
            aria-selected={current === "home"}
            onClick={() => go({ kind: "home" })}
          >
            Home
          </button>
        )}
        <button
          type="button"
          role="tab"
          aria-selected={current === "messages"}
          onClick={() => dm && go({ kind: "channel", id: dm.id })}
        >
          Messages
        </button>
      </div>
    </header>
  );
}
