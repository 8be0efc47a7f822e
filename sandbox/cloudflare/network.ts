// What lies between cloudflared and the rest of the world, and can be cut: its ways to the edge, its resolver, its way to
// the origins. The faults are here and not in the stand-in, which meets them as the real one would.

export type OriginFault = "dns" | "timeout" | "refused" | "tls";

export type NetworkState = {
  /** UDP 7844. `blocked`: packets vanish, as on Cloud Run. */
  quic: "open" | "blocked";
  /** TCP 7844. */
  http2: "open" | "blocked";
  /** Whether the names of the edge resolve. They are looked up at a start only. */
  dns: "open" | "broken";
  origin: "open" | OriginFault;
};

export type Network = {
  state(): NetworkState;
  set(change: Partial<NetworkState>): void;
  onChange(listener: (state: NetworkState) => void): () => void;
};

export const OPEN: NetworkState = { quic: "open", http2: "open", dns: "open", origin: "open" };

export function createNetwork(): Network {
  let state = OPEN;
  const listeners = new Set<(state: NetworkState) => void>();
  return {
    state: () => state,
    set(change) {
      state = { ...state, ...change };
      for (const listener of listeners) listener(state);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
