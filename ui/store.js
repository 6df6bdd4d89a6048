// Store: all that the page knows, in one place; views subscribe to the parts they show.

export function makeStore(initial) {
  let state = initial;
  const listeners = new Set();

  return {
    get: () => state,

    /** Take over changes and tell those who asked for one of the changed parts. */
    set(changes) {
      const changed = Object.keys(changes).filter((name) => changes[name] !== state[name]);
      if (!changed.length) return;
      state = { ...state, ...changes };
      for (const { names, tell } of [...listeners]) if (names.some((name) => changed.includes(name))) tell(state);
    },

    /** Call `tell` now and whenever one of these parts changes; returns what ends that. */
    watch(names, tell) {
      const listener = { names, tell };
      listeners.add(listener);
      tell(state);
      return () => listeners.delete(listener);
    },

    clearWatchers: () => listeners.clear(),
  };
}
