import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, NumberInput, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { startPretraining } from "@/api/models";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";

/** Asks how long, and starts a pre-training of CardX on the recordings of the project. */
export function PretrainModel({ projectId, onStarted }: { projectId: string; onStarted: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [minutes, setMinutes] = useState<number | string>(60);
  const start = useMutation({
    mutationFn: () => startPretraining(projectId, name.trim(), Number(minutes)),
    onSuccess: () => {
      onStarted();
      void queries.invalidateQueries({ queryKey: ["project", projectId, "jobs"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Paper withBorder p="md">
      <Section title={t`Pre-train CardX`}>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Text size="sm" c="dimmed" maw="70ch">
              <Trans>
                CardX learns from the 12-lead recordings of this project, without labels, except those on which
                trainings test by default. The result predicts nothing by itself: trainings start from it. Unless you
                have tens of thousands of recordings, start your trainings from the CardX that comes with the platform
                instead.
              </Trans>
            </Text>
            <Group align="flex-end" gap="sm">
              <TextInput
                label={t`Name`}
                placeholder={t`CardX, pre-trained on this project`}
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                style={{ flex: "1 1 240px" }}
              />
              <NumberInput label={t`Minutes`} min={1} max={100_000} value={minutes} onChange={setMinutes} w={120} />
              <Button type="submit" loading={start.isPending} disabled={!(Number(minutes) > 0)}>
                <Trans>Start pre-training</Trans>
              </Button>
            </Group>
            <Problem error={start.error} title={t`The pre-training cannot start`} />
          </Stack>
        </form>
      </Section>
    </Paper>
  );
}
