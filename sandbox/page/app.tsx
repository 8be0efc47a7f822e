// The page: a Slack window on the left, the city around it on the right, and a guide for the first visit on top.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Visit } from "../contract.ts";
import { post, Refused } from "./api.ts";
import { NamesContext, namesFor } from "./blocks/names.ts";
import type { Confirm } from "./blocks/types.ts";
import { ChannelView } from "./channel.tsx";
import { City } from "./city/city.tsx";
import type { Seen } from "./city/visit.tsx";
import { ConfirmDialog } from "./confirm.tsx";
import { type Desk, DeskContext, type Place } from "./desk.ts";
import { Guide } from "./guide.tsx";
import { HomeView } from "./home.tsx";
import { useLive } from "./live.ts";
import { ModalStack } from "./modal.tsx";
import { useReading } from "./reading.ts";
import { Sidebar } from "./sidebar.tsx";
import type { PageState } from "./state.ts";
import { StatusBanner } from "./status.tsx";
import { ThreadPanel } from "./thread.tsx";
import { Toasts, useToasts } from "./toast.tsx";

type Question = { confirm: Confirm; answer(yes: boolean): void };

export function App() {
  const [as, setAs] = useState<string | null>(() => new URLSearchParams(location.hash.slice(1)).get("as"));
  const live = useLive(as);
  if (!live.state) {
    return (
      <p class="starting">
        {live.online ? "Starting the sandbox …" : "The sandbox does not answer. Is it running?"}
      </p>
    );
  }
  const become = (person: string) => {
    history.replaceState(null, "", `#as=${person}`);
    setAs(person);
  };
  return <Desktop state={live.state} online={live.online} refresh={live.refresh} become={become} />;
}

type Props = { state: PageState; online: boolean; refresh(): Promise<void>; become(person: string): void };

function Desktop({ state, online, refresh, become }: Props) {
  const [chosen, setPlace] = useState<Place | null>(null);
  const [thread, setThread] = useState<string | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const { toasts, toast, dismiss } = useToasts();
  const reading = useReading();
  const [seen, setSeen] = useState<Seen | null>(null);
  const place = placeFor(state, chosen);
  const channel = place.kind === "channel" ? state.channels.find((each) => each.id === place.id) : undefined;
  const now = () => new Date(Date.now() + state.offsetMs);

  useEffect(() => {
    if (channel) reading.markRead(state.as, channel);
  });

  const desk: Desk = {
    state,
    place,
    thread,
    go(next) {
      setPlace(next);
      setThread(null);
    },
    openThread: setThread,
    become(person) {
      setThread(null);
      become(person);
    },
    async perform(send, failure) {
      try {
        const answer = await send;
        const failed = answer as { outcome?: string } | null;
        if (failure && failed?.outcome === "failed") toast(failure(answer as Parameters<typeof failure>[0]));
        await refresh();
        return answer;
      } catch (error) {
        if (!(error instanceof Refused || error instanceof TypeError)) throw error;
        toast(error.message);
        return null;
      }
    },
    seen,
    async visit(hostname, as) {
      const visit = await desk.perform(post<Visit>("/edge/visit", { hostname, as }));
      const who = as ? firstNameOf(state, as) : "a stranger";
      if (visit) setSeen({ hostname, who, visit, at: now() });
    },
    closeVisit: () => setSeen(null),
    toast,
    confirm: (confirm) => new Promise((answer) => setQuestion({ confirm, answer })),
    now,
    isRead: (each) => (each.id === channel?.id ? 0 : reading.unread(state.as, each)),
  };
  const ways = {
    openChannel: (id: string) => desk.go({ kind: "channel", id }),
    visit: (hostname: string) => void desk.visit(hostname, state.as),
  };
  const names = useMemo(() => namesFor(state, ways, now), [state]);
  return (
    <DeskContext.Provider value={desk}>
      <NamesContext.Provider value={names}>
        <div class="page">
          <Guide />
          <StatusBanner online={online} />
          <div class="windows">
            <div class="slack">
              <Sidebar />
              {channel ? (
                <ChannelView key={`${state.as}${channel.id}`} channel={channel} />
              ) : (
                <HomeView key={state.as} />
              )}
              <ModalStack key={`modals-${state.as}`} />
            </div>
            {thread && channel && <ThreadPanel key={thread} channel={channel} ts={thread} />}
            <City />
          </div>
          {question && (
            <ConfirmDialog
              confirm={question.confirm}
              onAnswer={(yes) => {
                setQuestion(null);
                question.answer(yes);
              }}
            />
          )}
          <Toasts toasts={toasts} dismiss={dismiss} />
        </div>
      </NamesContext.Provider>
    </DeskContext.Provider>
  );
}

/** Where the person is: what was chosen, if this person can see it, else the first channel of theirs. */
function placeFor(state: PageState, chosen: Place | null): Place {
  if (chosen?.kind === "home") return chosen;
  const visible = state.channels.find((channel) => channel.id === chosen?.id);
  const first =
    visible ?? state.channels.find((channel) => channel.members.includes(state.as) && !channel.isIm);
  return first ? { kind: "channel", id: first.id } : { kind: "home" };
}

function firstNameOf(state: PageState, personId: string): string {
  return state.people.find(({ id }) => id === personId)?.realName.split(" ")[0] ?? "";
}
