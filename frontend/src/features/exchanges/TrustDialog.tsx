import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { ExchangeModel } from "@/api/types";
import { Note } from "@/components/Note";

type Props = {
  model: ExchangeModel;
  opened: boolean;
  pending: boolean;
  onClose: () => void;
  onConfirm: () => void;
};

/** Asks before a model is fetched whose key is met for the first time, or is another one than before, or that has none. */
export function TrustDialog({ model, opened, pending, onClose, onConfirm }: Props) {
  const [compared, setCompared] = useState(false);
  useEffect(() => {
    if (opened) setCompared(false);
  }, [opened]);
  const { publisher } = model;
  const unsigned = model.signature === "unsigned";
  // Not translated: a word of the API
  const changed = model.signature === "another key";
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={unsigned ? t`Fetch an unverified model?` : t`Trust the key of “${publisher}”?`}
      size="lg"
    >
      <Stack>
        {unsigned ? (
          <Text size="sm">
            <Trans>
              Nobody has signed this file. It may be from anyone who can write in the folder, and its results are
              unknown. Evaluate it on your own recordings before you rely on it.
            </Trans>
          </Text>
        ) : (
          <>
            {changed && (
              <Note tone="bad" title={t`This is another key than before`}>
                <Trans>
                  Until now “{publisher}” has signed with another key. If they have not told you of a new one, somebody
                  may be pretending to be them. Ask them before you go on.
                </Trans>
              </Note>
            )}
            <Text size="sm">
              {changed
                ? t`The new key has the fingerprint`
                : t`You have not met this key before. It has the fingerprint`}
            </Text>
            <Text className="fingerprint" fw={600}>
              {model.fingerprint}
            </Text>
            <Text size="sm">
              <Trans>
                Compare it with the one that the publisher tells you, best by telephone. From now on, what this key
                signs counts as theirs in this exchange.
              </Trans>
            </Text>
          </>
        )}
        <Checkbox
          label={
            unsigned
              ? t`I want it although nobody has signed it`
              : changed
                ? t`The publisher has told me of this new key`
                : t`I have compared the fingerprint, or accept it unseen this first time`
          }
          checked={compared}
          onChange={(event) => setCompared(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button disabled={!compared} loading={pending} onClick={onConfirm}>
            {unsigned ? t`Fetch it` : t`Trust and fetch`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
