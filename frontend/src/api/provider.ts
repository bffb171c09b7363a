import { queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";

/** What went wrong with a sign-in at the provider, as the address of the page says it. */
export type SignInProblem = "cancelled" | "failed" | "refused" | "taken" | "unavailable";

/** Go to the provider; the browser comes back to `to`. By a link that works once its user gets the identity. */
export async function goToProvider(to: string, link = ""): Promise<void> {
  const { address } = await answer(client.POST("/api/v1/account/provider/sign-in", { body: { to, link } }));
  window.location.assign(address);
}

/** Sign in at the provider for one's own account. */
export async function joinIdentity(): Promise<void> {
  const { address } = await answer(client.POST("/api/v1/account/identities"));
  window.location.assign(address);
}

/** End the session here; returns where the one at the provider is ended, if anywhere. */
export const signOutAtProvider = async (): Promise<string> =>
  (await answer(client.POST("/api/v1/account/provider/sign-out"))).address;

export const ownIdentitiesQuery = () =>
  queryOptions({
    queryKey: ["own identities"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/account/identities", { signal })),
  });

export const removeOwnIdentity = (identityId: string) =>
  answer(client.DELETE("/api/v1/account/identities/{identity_id}", { params: { path: { identity_id: identityId } } }));

export const userIdentitiesQuery = (userId: string) =>
  queryOptions({
    queryKey: ["users", userId, "identities"],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/users/{user_id}/identities", { params: { path: { user_id: userId } }, signal })),
  });

export const addUserIdentity = (userId: string, subject: string) =>
  answer(
    client.POST("/api/v1/users/{user_id}/identities", { params: { path: { user_id: userId } }, body: { subject } }),
  );

export const removeUserIdentity = (userId: string, identityId: string) =>
  answer(
    client.DELETE("/api/v1/users/{user_id}/identities/{identity_id}", {
      params: { path: { user_id: userId, identity_id: identityId } },
    }),
  );

const PROBLEM = "sign-in";

/** The problem that the address of the page names. */
export const problemInAddress = () => new URL(window.location.href).searchParams.get(PROBLEM) as SignInProblem | null;

/** Take the problem out of the address, so that it is said once. */
export function takeProblemOut(): void {
  const here = new URL(window.location.href);
  here.searchParams.delete(PROBLEM);
  window.history.replaceState(window.history.state, "", here);
}
