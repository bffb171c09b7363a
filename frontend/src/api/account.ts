import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, client } from "./client";
import { keepCsrfToken } from "./csrf";
import type { Account, ApiKeyIn, Role } from "./types";

export const ACCOUNT = ["account"];

export const accountQuery = () =>
  queryOptions({
    queryKey: ACCOUNT,
    queryFn: async ({ signal }) => known(await answer(client.GET("/api/v1/account", { signal }))),
    staleTime: 60_000,
  });

/** Note who is signed in now; what was seen before is forgotten, as it may be none of theirs. */
export function becomes(queries: QueryClient, account: Account): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ACCOUNT[0] });
  queries.setQueryData(ACCOUNT, account);
}

function known(account: Account): Account {
  keepCsrfToken(account.csrf_token);
  return account;
}

export const signIn = async (name: string, password: string): Promise<Account> =>
  known(await answer(client.POST("/api/v1/account/sign-in", { body: { name, password } })));

export async function signOut(): Promise<Account> {
  await answer(client.POST("/api/v1/account/sign-out"));
  return known(await answer(client.GET("/api/v1/account")));
}

export const choosePassword = async (token: string, password: string): Promise<Account> =>
  known(await answer(client.POST("/api/v1/account/password-by-link", { body: { token, password } })));

export const changePassword = async (password: string, next: string): Promise<Account> =>
  known(await answer(client.POST("/api/v1/account/password", { body: { password, new_password: next } })));

export const apiKeysQuery = () =>
  queryOptions({
    queryKey: ["api keys"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/api-keys", { signal })),
  });

export const addApiKey = (body: ApiKeyIn) => answer(client.POST("/api/v1/api-keys", { body }));

export const removeApiKey = (keyId: string) =>
  answer(client.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: keyId } } }));

export const usersQuery = () =>
  queryOptions({ queryKey: ["users"], queryFn: ({ signal }) => answer(client.GET("/api/v1/users", { signal })) });

export const addUser = (name: string, isAdmin: boolean) =>
  answer(client.POST("/api/v1/users", { body: { name, is_admin: isAdmin } }));

export const changeUser = (userId: string, body: { is_admin?: boolean; disabled?: boolean }) =>
  answer(client.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body }));

export const newUserLink = (userId: string) =>
  answer(client.POST("/api/v1/users/{user_id}/link", { params: { path: { user_id: userId } } }));

export const membersQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "members"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/members", { params: { path: { project_id: projectId } }, signal }),
      ),
  });

export const setMember = (projectId: string, name: string, role: Role) =>
  answer(
    client.PUT("/api/v1/projects/{project_id}/members", {
      params: { path: { project_id: projectId } },
      body: { name, role },
    }),
  );

export const removeMember = (projectId: string, userId: string) =>
  answer(
    client.DELETE("/api/v1/projects/{project_id}/members/{user_id}", {
      params: { path: { project_id: projectId, user_id: userId } },
    }),
  );
