import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Problem } from "@/components/Note";

type Props = {
  title: string;
  confirm: string;
  failed: string;
  /** What follows from it. */
  children: ReactNode;
  act: (reason: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
};

/** Asks why something that others see is taken back; they read the reason. */
export function ReasonDialog({ title, confirm, failed, children, act, onDone, onClose }: Props) {
  const [reason, setReason] = useState("");
  const acting = useMutation({ mutationFn: () => act(reason.trim()), onSuccess: onDone });
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text size="sm">{children}</Text>
        <Textarea
          label={t`Reason`}
          required
          rows={3}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Problem error={acting.error} title={failed} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button color="red.9" disabled={!reason.trim()} loading={acting.isPending} onClick={() => acting.mutate()}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
