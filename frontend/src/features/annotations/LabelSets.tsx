import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Modal, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeLabelSet, createLabelSet, labelSetsQuery } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { Icon } from "@/components/icons";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { LabelSetCard } from "./LabelSetCard";
import { LabelSetForm } from "./LabelSetForm";
import { useReader } from "./reader";
import { SavingNote } from "./SavingNote";
import { useSaving } from "./saving";

/** The label sets of a project: made, read, compared and turned into datasets here. */
export function LabelSets({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const [reader] = useReader();
  const may = useMay();
  const reads = may("list_label_sets", projectId) && may("save_reading", projectId);
  const sets = useQuery({ ...labelSetsQuery(projectId, reader), enabled: reads });
  const [form, setForm] = useState<LabelSet | "new" | null>(null);
  const { waiting, refused } = useSaving();
  const changed = form === "new" || form === null ? undefined : form;
  return (
    <Section
      title={t`Label on the page`}
      actions={
        may("create_label_set", projectId) && (
          <Button size="sm" leftSection={<Icon name="plus" size={16} />} onClick={() => setForm("new")}>
            <Trans>New label set</Trans>
          </Button>
        )
      }
    >
      <Stack gap="md">
        {(waiting > 0 || refused.length > 0) && <SavingNote />}
        {!reads && (
          <WhyNot operation="save_reading" projectId={projectId}>
            <Trans>You cannot read ECGs here.</Trans>
          </WhyNot>
        )}
        {sets.isLoading && <Loading lines={2} label={t`Loading label sets`} />}
        <Problem error={sets.error} title={t`The label sets cannot be shown`} />
        {sets.data?.length === 0 && (
          <Text size="sm" c="dimmed">
            <Trans>
              No table at hand? Make a set of labels and give them by keys, ECG after ECG, alone or with a second
              reader.
            </Trans>
          </Text>
        )}
        {sets.data?.map((set) => (
          <LabelSetCard key={set.id} projectId={projectId} set={set} onEdit={() => setForm(set)} />
        ))}
      </Stack>
      <Modal
        opened={form !== null}
        onClose={() => setForm(null)}
        size="lg"
        title={changed ? t`Change ${{ name: changed.name }}` : t`New label set`}
      >
        <LabelSetForm
          set={changed}
          onSave={(body) =>
            changed ? changeLabelSet(projectId, changed.id, reader, body) : createLabelSet(projectId, reader, body)
          }
          onCancel={() => setForm(null)}
          onDone={() => {
            setForm(null);
            void queries.invalidateQueries({ queryKey: ["project", projectId, "annotations"] });
          }}
        />
      </Modal>
    </Section>
  );
}
