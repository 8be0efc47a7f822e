// Everything that turns values into words, in one place to import from.

export { audienceEntries, audienceWords, loginWords, type Names } from "./audience-words.ts";
export { fieldProblemText, type NameOf } from "./field-problem-words.ts";
export { type ApproverMentions, approverMentions, personMention } from "./mentions.ts";
export { endingOf, PHASE_WORDS, STEP_WORDS } from "./phase-words.ts";
export { bare, clip, escapeMrkdwn, plain, plainLines } from "./plain-text.ts";
export { refusalText } from "./refusal-words.ts";
export { dateToken, duration, lengthWords, utcWords } from "./time-words.ts";
