// A person's picture: initials on a colour of their own; the app has its sign.
import type { PageState } from "./state.ts";

const COLOURS = ["#b0413e", "#2b7a78", "#7a4fa3", "#a8642a", "#2f6db5", "#5d7a2b", "#a33d73", "#46637f"];

export function Avatar({ id, state, size = 36 }: { id: string; state: PageState; size?: number }) {
  const person = state.people.find((each) => each.id === id);
  const style = { width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.4}px` };
  if (id === state.botUserId) {
    return (
      <span class="avatar app" style={style} aria-hidden="true">
        <svg viewBox="0 0 32 32" width={size} height={size}>
          <title>Drawbridge</title>
          <path
            d="M5 23h22M8 23V10h4v13M20 23V10h4v13M12 22l8-10"
            stroke="#fff"
            stroke-width="2.6"
            fill="none"
          />
        </svg>
      </span>
    );
  }
  const place =
    Math.max(
      0,
      state.people.findIndex((each) => each.id === id),
    ) % COLOURS.length;
  const initials = (person?.realName ?? "?")
    .split(" ")
    .map((part) => part.charAt(0))
    .slice(0, 2)
    .join("");
  return (
    <span class="avatar" style={{ ...style, background: COLOURS[place] }} aria-hidden="true">
      {initials}
    </span>
  );
}
