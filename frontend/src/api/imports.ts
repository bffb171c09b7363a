import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { FileSet } from "@/lib/files";
import { answer, apiPath, client } from "./client";
import type { paths } from "./schema";

export type OutcomesFilter = NonNullable<
  paths["/api/v1/projects/{project_id}/imports/{import_id}/outcomes"]["get"]["parameters"]["query"]
>;

export const importsQuery = (projectId: string, page: number, size = 50) =>
  queryOptions({
    queryKey: ["project", projectId, "imports", page, size],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/imports", {
          params: { path: { project_id: projectId }, query: { page, size } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const importQuery = (projectId: string, importId: string) =>
  queryOptions({
    queryKey: ["project", projectId, "import", importId],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/imports/{import_id}", {
          params: { path: { project_id: projectId, import_id: importId } },
          signal,
        }),
      ),
  });

export const outcomesQuery = (projectId: string, importId: string, query: OutcomesFilter) =>
  queryOptions({
    queryKey: ["project", projectId, "import", importId, "outcomes", query],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/projects/{project_id}/imports/{import_id}/outcomes", {
          params: { path: { project_id: projectId, import_id: importId }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** Where the report of an import is had as CSV, filtered as the list is. */
export function reportPath(projectId: string, importId: string, { status, findings_only, search }: OutcomesFilter) {
  const filter = new URLSearchParams();
  if (status) filter.set("status", status);
  if (findings_only) filter.set("findings_only", "true");
  if (search) filter.set("search", search);
  const text = filter.toString();
  return `${apiPath("projects", projectId, "imports", importId, "report.csv")}${text && `?${text}`}`;
}

/** What a file would be read as under a declaration; nothing is stored. */
export const previewQuery = (
  projectId: string,
  item: FileSet | undefined,
  fields: readonly (readonly [string, string])[],
) =>
  queryOptions({
    queryKey: ["preview", projectId, item?.path, item?.file.size, item?.file.lastModified, fields],
    queryFn: ({ signal }) => {
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      for (const { path, file } of item ? [item, ...(item.beside ?? [])] : []) form.append("files", file, path);
      return answer(
        client.POST("/api/v1/projects/{project_id}/recordings/preview", {
          params: { path: { project_id: projectId } },
          body: form as never, // The generated shape lists the fields; a form is what carries files.
          bodySerializer: (body: unknown) => body as FormData,
          signal,
        }),
      );
    },
    enabled: item !== undefined,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
