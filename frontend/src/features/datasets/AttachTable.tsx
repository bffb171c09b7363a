import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createDataset, labelPreviewQuery } from "@/api/datasets";
import type { Dataset, LabelChoice } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { ChooseColumns } from "./ChooseColumns";

type Props = { projectId: string; file: File; onTaken: (dataset: Dataset) => void };

/** A chosen table: what its columns mean, how its rows would be understood, and the button that attaches it. */
export function AttachTable({ projectId, file, onTaken }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [asked, setAsked] = useState<LabelChoice | null>(null);
  const [settled] = useDebouncedValue(asked, 250);
  const { data: preview, error, isFetching, isPlaceholderData } = useQuery(labelPreviewQuery(projectId, file, settled));
  const upload = useMutation({
    mutationFn: () => createDataset(projectId, file, name.trim(), asked ?? preview?.choice ?? null),
    onSuccess: (dataset) => {
      onTaken(dataset);
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  if (error) return <Problem error={error} title={t`The table could not be uploaded`} />;
  if (!preview) return <Loading label={t`Reading the table`} />;
  const isCurrent = settled === asked && !isFetching && !isPlaceholderData;
  const choice = asked ?? preview.choice;
  const isWhole = !!choice && choice.recording.length > 0 && choice.labels.length + choice.values.length > 0;
  const isReady = isCurrent && isWhole && preview.understood !== null && !preview.problem && !preview.question;
  return (
    <Stack gap="lg">
      <ChooseColumns preview={preview} asked={asked} onAsk={setAsked} busy={!isCurrent} />
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t`Name (optional)`}
          placeholder={t`Same as the file`}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          style={{ flex: "0 1 320px" }}
        />
        <Button
          disabled={!isReady}
          loading={upload.isPending}
          leftSection={<Icon name="upload" />}
          onClick={() => upload.mutate()}
        >
          <Trans>Upload labels</Trans>
        </Button>
        {preview.question && (
          <Text size="sm" c="dimmed" pb={8}>
            <Trans>Choose what the columns mean first.</Trans>
          </Text>
        )}
      </Group>
      <Problem error={upload.error} title={t`The table could not be uploaded`} />
    </Stack>
  );
}
