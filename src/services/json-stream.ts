// Cuts a stream of text into the JSON objects of an array, of the pages of a list, or of one object after the other, without
// holding it all.

export type ObjectCutter = {
  /** The texts of the objects that this piece completes. */
  push(piece: string): string[];
  /** How many objects were too large to be kept. */
  dropped(): number;
  /** Whether an object is still open: the input was cut off. */
  isOpen(): boolean;
};

const LARGEST_OBJECT = 2_000_000;
const LONGEST_HEAD = 1_000;
/** What an API answers with, up to the list in it. */
const PAGE = /^\{\s*(?:"nextPageToken"\s*:\s*"[^"]*"\s*,\s*)?"entries"\s*:\s*\[/;
const STRUCTURE = /["\\{}]/g;

export function createObjectCutter(): ObjectCutter {
  let depth = 0;
  let inString = false;
  let kept = "";
  let lost = 0;
  let tooLarge = false;
  /** A backslash at the end of a piece escapes the first character of the next one. */
  let escaped = false;

  function push(piece: string): string[] {
    const found: string[] = [];
    let begin = depth > 0 ? 0 : -1;
    STRUCTURE.lastIndex = escaped ? 1 : 0;
    escaped = false;
    for (let match = STRUCTURE.exec(piece); match; match = STRUCTURE.exec(piece)) {
      const at = match.index;
      if (match[0] === "\\") {
        if (!inString) continue;
        escaped = at + 1 >= piece.length;
        STRUCTURE.lastIndex = at + 2;
        if (escaped) break;
      } else if (match[0] === '"') inString = depth > 0 && !inString;
      else if (!inString && match[0] === "{") {
        if (depth === 1 && opensPage(piece.slice(begin, at))) depth = 0;
        if (depth === 0) begin = at;
        depth += 1;
      } else if (!inString && depth > 0) {
        depth -= 1;
        if (depth === 0) {
          if (tooLarge) lost += 1;
          else found.push(kept + piece.slice(begin, at + 1));
          kept = "";
          tooLarge = false;
          begin = -1;
        }
      }
    }
    if (depth > 0 && begin >= 0) keep(piece.slice(begin));
    return found;
  }

  /** What is in a page is cut as if the page were not there. */
  function opensPage(rest: string): boolean {
    if (kept.length + rest.length > LONGEST_HEAD || !isPage(kept + rest)) return false;
    kept = "";
    return true;
  }

  function keep(rest: string): void {
    tooLarge ||= kept.length + rest.length > LARGEST_OBJECT;
    kept = tooLarge ? "" : kept + rest;
  }

  return { push, dropped: () => lost, isOpen: () => depth > 0 };
}

/** Whether a text begins with a page of a list. */
export function isPage(text: string): boolean {
  return PAGE.test(text);
}
