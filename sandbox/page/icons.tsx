// The few signs that the page draws itself, so that they look the same on every machine.
export function EyeIcon() {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">
      <path d="M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10Z" />
      <circle cx="10" cy="10" r="2.5" />
    </svg>
  );
}

export function ThreadIcon() {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
      <path d="M3 4h14v9.5H9L5.5 17v-3.5H3Z" />
      <path d="M6.5 8h7M6.5 10.5h4.5" />
    </svg>
  );
}

export function BoltIcon() {
  return (
    <svg class="icon filled" viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">
      <path d="M11.5 1.5 4 11.5h5L8.5 18.5 16 8.5h-5Z" />
    </svg>
  );
}

export function LockIcon() {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="13" height="13" aria-hidden="true">
      <rect x="4" y="9" width="12" height="8.5" rx="1.5" />
      <path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9" />
    </svg>
  );
}

export function SendIcon() {
  return (
    <svg class="icon filled" viewBox="0 0 20 20" width="15" height="15" aria-hidden="true">
      <path d="M2 17.5 18.5 10 2 2.5l1 6 8 1.5-8 1.5Z" />
    </svg>
  );
}
