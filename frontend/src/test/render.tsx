import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { accountQuery } from "@/api/account";
import type { Account } from "@/api/types";

/** Who uses the platform in local mode: they may do everything. */
export const ALONE: Account = {
  mode: "local",
  signed_in: true,
  id: "local",
  name: "local",
  is_admin: true,
  roles: {},
  provider: null,
  by_provider: false,
  password_sign_in: true,
  csrf_token: "",
};

/** Render a part of the page with all that stands around it; `before` gets the answers kept from earlier visits. */
export function show(element: ReactElement, path = "/", route = "*", before?: (queries: QueryClient) => void) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(accountQuery().queryKey, ALONE);
  before?.(queries);
  const router = createMemoryRouter(
    [{ path: route, element }, ...(route === "*" ? [] : [{ path: "*", element: null }])],
    { initialEntries: [path] },
  );
  return {
    queries,
    router,
    ...render(
      <I18nProvider i18n={i18n}>
        <MantineProvider env="test">
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </I18nProvider>,
    ),
  };
}

/** Answer requests by path; any other is refused, so that a test notices. */
export function answering(
  answers: Record<string, (request: Request) => unknown>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const found = answers[`${request.method} ${pathname}`];
    if (!found) return Response.json({ error: "NotFoundError", detail: `Nothing at ${pathname}.` }, { status: 404 });
    const body = await found(request);
    return body instanceof Response ? body : Response.json(body);
  };
}
