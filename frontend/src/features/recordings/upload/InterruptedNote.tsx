import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { TextLink } from "@/components/ButtonLink";
import { Note } from "@/components/Note";
import { region } from "@/language/language";
import { projectPath } from "@/lib/paths";
import { forget, interrupted } from "./interrupted";

const LOOK_MS = 3000;
const LOOKS = 10; // what was on its way when the page was left may still come

/** Says that an upload was cut short, what of it is here, and that the same files may be chosen again. */
export function InterruptedNote({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const [found, setFound] = useState(() => interrupted(projectId));
  useEffect(() => {
    if (!found) return;
    let looks = 0;
    const timer = setInterval(() => {
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
      if (++looks === LOOKS) clearInterval(timer);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [found, queries, projectId]);
  if (!found) return null;
  const { files, importIds } = found;
  const taken = found.taken.toLocaleString(region());
  const dismiss = () => {
    forget(projectId);
    setFound(null);
  };
  return (
    <Note
      tone="warn"
      title={t`The upload was interrupted`}
      alert
      action={
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={dismiss}>
            <Trans>Dismiss</Trans>
          </Button>
        </Group>
      }
    >
      {plural(files, {
        one: `The page was closed or reloaded when at least ${taken} of # file had been checked.`,
        other: `The page was closed or reloaded when at least ${taken} of # files had been checked.`,
      })}{" "}
      <Trans>
        Nothing that was imported is lost. Choose the same files again: those that are here already are recognised and
        not imported twice.
      </Trans>
      {importIds.map((id) => (
        <span key={id}>
          {" "}
          <TextLink to={projectPath(projectId, "imports", id)}>{t`Import report`}</TextLink>
        </span>
      ))}
    </Note>
  );
}
