// What a Slack connection that is well tells of itself.
export const SLACK = {
  ok: true,
  liveSockets: 2,
  lastLiveAt: null,
  acks: { count: 0, late: 0, unanswered: 0, lost: 0 },
  inFlight: 0,
  opened: 2,
  replaced: 0,
  failed: 0,
};
