/** Addresses of the page itself. */
export function projectPath(projectId: string, ...parts: string[]): string {
  return `/${["projects", projectId, ...parts].map(encodeURIComponent).join("/")}`;
}
