/** The token without which the platform changes nothing in a session; the page learns it with who is signed in. */

const HEADER = "X-CSRF-Token";
let token = "";

export function keepCsrfToken(next: string): void {
  token = next;
}

/** What is sent with a change; nothing where nobody has to sign in. */
export function csrfHeaders(): [string, string][] {
  return token ? [[HEADER, token]] : [];
}
