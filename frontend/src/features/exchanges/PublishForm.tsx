import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changeModel } from "@/api/models";
import { publicationQuery, pushModel } from "@/api/transfers";
import type { Exchange, Model, Transfer } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { exchangePath } from "@/lib/paths";
import { PublishChecks } from "./PublishChecks";
import { TransferProgress } from "./TransferProgress";

type Props = { projectId: string; model: Model; exchange: Exchange };

/** Licence and use, the checks, then name and notes of the version; each may be mended in place. */
export function PublishForm({ projectId, model, exchange }: Props) {
  const queries = useQueryClient();
  const check = useQuery(publicationQuery(projectId, model.id, exchange.id, ""));
  const [licence, setLicence] = useState(model.licence);
  const [use, setUse] = useState(model.intended_use);
  const [publisher, setPublisher] = useState<string | null>(null);
  const [notes, setNotes] = useState("");
  const [onnx, setOnnx] = useState(false);
  const [seen, setSeen] = useState(false);
  const [ended, setEnded] = useState<Transfer | null>(null);
  const said = check.data;
  const name = publisher ?? said?.publisher ?? "";
  const changed = licence.trim() !== model.licence || use.trim() !== model.intended_use;
  const publish = useMutation({
    mutationFn: async () => {
      if (changed) await changeModel(projectId, model.id, { licence: licence.trim(), intended_use: use.trim() });
      return pushModel(projectId, {
        exchange_id: exchange.id,
        model_id: model.id,
        publisher: name.trim(),
        notes: notes.trim(),
        slug: said?.slug ?? "",
        also_onnx: onnx,
        with_seen: seen,
      });
    },
    onSettled: () => changed && queries.invalidateQueries({ queryKey: ["project", projectId, "model", model.id] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  if (check.isPending) return <Loading label={t`Checking what is in the model`} />;
  if (!said) return <Problem error={check.error} title={t`The model could not be checked`} />;
  const next = Math.max(0, ...said.versions) + 1;
  const { slug, fingerprint } = said;
  const blocked = said.findings.some(({ mended }) => !mended);
  const complete = licence.trim() !== "" && use.trim() !== "" && name.trim() !== "";
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Paper withBorder p="md">
          <Section title={t`1. What others must know`}>
            <TextInput
              label={t`Licence`}
              description={t`The terms under which others may use the model, such as CC BY 4.0.`}
              required
              maxLength={10_000}
              value={licence}
              onChange={(event) => setLicence(event.currentTarget.value)}
            />
            <Textarea
              label={t`Intended use`}
              description={t`The recordings and questions the model is meant for, and those it is not.`}
              required
              rows={3}
              maxLength={10_000}
              value={use}
              onChange={(event) => setUse(event.currentTarget.value)}
            />
          </Section>
        </Paper>
        <PublishChecks publication={said} />
        <Paper withBorder p="md">
          <Section title={t`3. This version`}>
            <TextInput
              label={t`Publisher`}
              description={t`Name under which others know you. Always use the same: your key belongs to it.`}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setPublisher(event.currentTarget.value)}
            />
            <Textarea
              label={next === 1 ? t({ message: "Notes", context: "version" }) : t`What is new`}
              rows={3}
              maxLength={10_000}
              value={notes}
              onChange={(event) => setNotes(event.currentTarget.value)}
            />
            <Checkbox
              label={t`With hashes of the recordings it has seen`}
              description={t`Others then see whether they test it on its own training data. The hashes name nobody, but whoever holds the very same ECG learns that it was used.`}
              checked={seen}
              onChange={(event) => setSeen(event.currentTarget.checked)}
            />
            <Checkbox
              label={t`Also as a bare ONNX file, for the original ExChanGeAI`}
              description={t`It looks for such files in the folder itself. They are not signed.`}
              checked={onnx}
              onChange={(event) => setOnnx(event.currentTarget.checked)}
            />
            <Text size="sm">
              <Trans>
                It becomes{" "}
                <strong>
                  {slug}, version {next}
                </strong>
                , signed with your key <span className="fingerprint">{fingerprint}</span>.
              </Trans>
            </Text>
          </Section>
        </Paper>
        <Problem error={publish.error} title={t`The model was not published`} />
        {publish.data ? (
          <TransferProgress transfer={publish.data} onEnd={setEnded} />
        ) : (
          <Group gap="sm">
            <Button
              type="submit"
              loading={publish.isPending}
              disabled={blocked || !complete}
              leftSection={<Icon name="upload" />}
            >
              <Trans>Publish the model</Trans>
            </Button>
            {blocked && (
              <Text size="sm">
                <Trans>Something in the model must go first, see the checks.</Trans>
              </Text>
            )}
          </Group>
        )}
        {ended?.item && (
          <Note
            tone="good"
            title={t`Published`}
            alert
            action={
              <ButtonLink to={exchangePath(exchange.id, "models", ...ended.item.split("/"))}>
                <Trans>Show it</Trans>
              </ButtonLink>
            }
          >
            {t`It is “${{ version: ended.item }}” in “${{ exchange: exchange.name }}”.`}
          </Note>
        )}
      </Stack>
    </form>
  );
}
