import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, NumberInput, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freezeLabelSet } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { NameDialog } from "@/components/NameDialog";

/** Makes a dataset of the labels that stand; it then is among the label tables, to train on. */
export function Freeze({ projectId, set }: { projectId: string; set: LabelSet }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [fewest, setFewest] = useState(set.n_readers);
  const freeze = useMutation({
    mutationFn: () => freezeLabelSet(projectId, set.id, name.trim(), fewest),
    onSuccess: () => {
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const show = () => {
    freeze.reset();
    setName(`${set.name} v${set.n_versions + 1}`);
    setFewest(set.n_readers);
    setOpen(true);
  };
  return (
    <>
      <Button size="sm" variant="default" disabled={set.progress.n_read === 0} onClick={show}>
        <Trans>Make a dataset</Trans>
      </Button>
      <NameDialog
        title={t`Make a dataset of ${{ name: set.name }}`}
        opened={open}
        onClose={() => setOpen(false)}
        name={name}
        onName={setName}
        action={freeze}
        submit={t`Make dataset`}
      >
        {set.n_readers > 1 && (
          <NumberInput
            label={t`Readers an ECG must have`}
            description={t`Those that somebody decided count with fewer.`}
            min={1}
            max={9}
            value={fewest}
            onChange={(value) => typeof value === "number" && setFewest(value)}
          />
        )}
        <Text size="sm" c="dimmed">
          <Trans>
            Labels as they stand now: decided ones, and those on which all readers agree. Later readings do not change
            it.
          </Trans>
        </Text>
      </NameDialog>
    </>
  );
}
