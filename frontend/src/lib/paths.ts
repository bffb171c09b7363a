/** Addresses of the page itself. */
export function exchangePath(exchangeId: string, ...parts: string[]): string {
  return `/${["exchanges", exchangeId, ...parts].map(encodeURIComponent).join("/")}`;
}

export function projectPath(projectId: string, ...parts: string[]): string {
  return `/${["projects", projectId, ...parts].map(encodeURIComponent).join("/")}`;
}
