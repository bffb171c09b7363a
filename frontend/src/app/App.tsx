import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { RouterProvider } from "react-router/dom"; // it alone can draw at once (flushSync)
import { ACCOUNT } from "@/api/account";
import { ApiError } from "@/api/client";
import { isDown, onConnectionChange } from "@/api/connection";
import { listenToOthers } from "@/api/otherTabs";
import { someWait } from "@/features/annotations/outbox";
import { pageTexts } from "@/language/language";
import { router } from "./router";
import { readableColours, theme } from "./theme";
import { usePrinting } from "./usePrinting";

export function App() {
  const [queries] = useState(makeQueries);
  const printing = usePrinting();
  useEffect(
    () =>
      onConnectionChange(() => {
        if (!isDown()) void queries.invalidateQueries();
      }),
    [queries],
  );
  useEffect(() => listenToOthers(queries), [queries]);
  // What was said on an earlier visit and could not be sent is sent now, wherever one opens the page.
  useEffect(() => {
    // Where that fails, what waits is kept for the next visit.
    if (someWait())
      pageTexts()
        .then(() => import("@/features/annotations/saving"))
        .catch(() => undefined);
  }, []);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      forceColorScheme={printing ? "light" : undefined}
      cssVariablesResolver={readableColours}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function makeQueries(): QueryClient {
  const queries = new QueryClient({
    // A session that has ended while the page was open: the page asks who is signed in, and shows the form.
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiError && error.status === 401) void queries.invalidateQueries({ queryKey: ACCOUNT });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2000,
        // The platform often runs on this very computer, so it is asked even where there is no internet.
        networkMode: "always",
        retry: (failures, error) => !(error instanceof ApiError) && failures < 1,
      },
      mutations: { networkMode: "always" },
    },
  });
  return queries;
}
