/** Who follows something that is kept in lasting storage, such as a component through React. */
export interface Followers {
  /** Follow: be told of changes made here and, by the browser itself, in other tabs; returns how to stop. */
  readonly subscribe: (notify: () => void) => () => void;
  /** Tell everybody of this tab: the browser tells only the other ones. */
  readonly tell: () => void;
}

export function makeFollowers(): Followers {
  const listeners = new Set<() => void>();
  return {
    subscribe(notify) {
      listeners.add(notify);
      window.addEventListener("storage", notify);
      return () => {
        listeners.delete(notify);
        window.removeEventListener("storage", notify);
      };
    },
    tell() {
      listeners.forEach((notify) => { notify(); });
    },
  };
}
