import { type ComponentType, lazy, Suspense, useState } from "react";
import { Loading } from "@/components/Page";

type Module = { Component: ComponentType };

/** A page, and what loads it. */
export type Ahead = { Component: ComponentType; ahead: () => Promise<unknown> };

/**
 * A page that can be loaded before one goes there, and is then drawn with the very click that asks for it.
 *
 * The router would first draw the page that one leaves once more, to say that another is coming.
 */
export function loadedAhead(load: () => Promise<Module>): Ahead {
  let there: ComponentType | null = null;
  const ahead = async (): Promise<{ default: ComponentType }> => {
    const { Component } = await load();
    there = Component;
    return { default: Component };
  };

  function Component() {
    // Chosen once, so that the page stays the same one while it is open; asked for anew where it could not be loaded.
    const [Page] = useState(() => there ?? lazy(ahead));
    return (
      <Suspense fallback={<Loading />}>
        <Page />
      </Suspense>
    );
  }
  return { Component, ahead };
}
