// Lists that are cut where there would be too much: Slack counts the characters of the whole message, as JSON.

/** As many of them, from the first on, as take so many characters at the most. */
export function fitting<Item>(items: Item[], mostCharacters: number): Item[] {
  let length = 0;
  const tooMuch = items.findIndex((item) => {
    length += JSON.stringify(item).length;
    return length > mostCharacters;
  });
  return tooMuch < 0 ? items : items.slice(0, tooMuch);
}
