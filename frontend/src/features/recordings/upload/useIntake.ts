import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { previewQuery } from "@/api/imports";
import { systemQuery } from "@/api/system";
import { candidates, doubtful } from "./candidates";
import { declaredFields } from "./declared";
import { createIntake, type Intake, type IntakeState } from "./intake";
import { sender } from "./send";
import type { Uploader } from "./uploader";

/** One a project, alive as long as the tab: what was dropped is still there after a look at another page. */
const intakes = new Map<string, Intake>();

function intakeOf(projectId: string, uploader: Uploader, queries: QueryClient): Intake {
  const known = intakes.get(projectId);
  if (known) return known;
  const intake = createIntake(
    async (files, declared) => {
      const { formats } = await queries.ensureQueryData(systemQuery());
      const fields = declaredFields(declared);
      const look = (item: (typeof files)[number]) => queries.fetchQuery(previewQuery(projectId, item, fields));
      return doubtful(candidates(files, formats), formats, look);
    },
    (files, declared) => uploader.add(files, sender(projectId, declared)),
  );
  intakes.set(projectId, intake);
  return intake;
}

/** Where picked files go first: whoever leaves something open is asked about before it is uploaded. */
export function useIntake(projectId: string, uploader: Uploader): { intake: Intake; state: IntakeState } {
  const intake = intakeOf(projectId, uploader, useQueryClient());
  return { intake, state: useSyncExternalStore(intake.subscribe, intake.state) };
}
