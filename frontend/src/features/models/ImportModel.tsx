import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { importModel } from "@/api/models";
import type { Model, System } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { DropZone } from "@/components/DropZone";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { bytes } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { DeclaredFields } from "./DeclaredFields";
import { type Declaration, defaultDeclaration, type FileKind, kindOf, stemOf, toFields } from "./declaration";

const ENDINGS = ".zip,.onnx,.safetensors,.pt,.pth,.bin";

type Chosen = { file: File; kind: FileKind; name: string; declared: Declaration | null };

type Props = { projectId: string; system: System; onTaken?: () => void };

/** Takes in a model from a file; what the file does not say is asked for. */
export function ImportModel({ projectId, system, onTaken }: Props) {
  const queries = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: ({ file, kind, name, declared }: Chosen) =>
      importModel(projectId, file, toFields(name, kind, declared, system)),
    onSuccess: () => {
      setChosen(null);
      onTaken?.();
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
    onError: (error, { kind }) => {
      // Where the file leaves something open, the fields for it open, filled with what is usual.
      if (leavesOpen(error, kind)) {
        setChosen((chosen) => chosen && { ...chosen, declared: chosen.declared ?? defaultDeclaration(system, kind) });
      }
    },
  });
  const take = (file: File | undefined) => {
    if (!file) return;
    const kind = kindOf(file.name);
    send.reset();
    const fileName = file.name;
    setRefused(
      kind ? null : t`“${fileName}” is not a model file. Choose a .zip package, .onnx, .safetensors or .pt file.`,
    );
    setChosen(
      kind && {
        file,
        kind,
        name: stemOf(file.name).slice(0, 200),
        declared: kind === "weights" ? defaultDeclaration(system, kind) : null,
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) send.mutate(chosen);
  };
  const change = (part: Partial<Chosen>) => setChosen((chosen) => chosen && { ...chosen, ...part });
  const importedName = send.data?.name ?? "";
  return (
    <Paper withBorder p="md">
      <Section title={t`Import a model`}>
        <DropZone title={t`Drop a model here`} onDrop={({ files }) => take(files[0])}>
          <Button variant="default" leftSection={<Icon name="upload" />} onClick={() => picker.current?.click()}>
            <Trans>Choose a file</Trans>
          </Button>
          <Text size="sm" c="dimmed">
            <Trans>
              A model package (.zip), an ONNX file from this or another platform (.onnx), or PyTorch weights of an
              architecture that this platform offers (.safetensors, .pt). Each model is tested before it is stored.
            </Trans>
          </Text>
          <input
            ref={picker}
            type="file"
            hidden
            accept={ENDINGS}
            aria-label={t`Model file`}
            onChange={(event) => {
              take(event.currentTarget.files?.[0]);
              event.currentTarget.value = ""; // The same file can then be picked again.
            }}
          />
        </DropZone>
        <Problem error={refused} title={t`The model could not be imported`} />
        {chosen && (
          <form onSubmit={submit}>
            <Stack gap="sm">
              <TextInput
                label={t`Name of the model`}
                description={`${chosen.file.name}, ${bytes(chosen.file.size)}`}
                maxLength={200}
                value={chosen.name}
                onChange={(event) => change({ name: event.currentTarget.value })}
              />
              {chosen.declared && (
                <DeclaredFields
                  kind={chosen.kind}
                  value={chosen.declared}
                  system={system}
                  onChange={(part) => change({ declared: chosen.declared && { ...chosen.declared, ...part } })}
                />
              )}
              <Problem
                error={send.error}
                title={
                  send.error && leavesOpen(send.error, chosen.kind)
                    ? t`Please add what the file does not state`
                    : t`The model could not be imported`
                }
              />
              <Group gap="sm">
                <Button type="submit" loading={send.isPending} leftSection={<Icon name="upload" />}>
                  <Trans>Import model</Trans>
                </Button>
                <Button variant="default" disabled={send.isPending} onClick={() => setChosen(null)}>
                  <Trans>Cancel</Trans>
                </Button>
              </Group>
              {send.isPending && (
                <Text size="sm" role="status">
                  <Trans>Uploading and testing the model …</Trans>
                </Text>
              )}
            </Stack>
          </form>
        )}
        {send.data && (
          <Note
            tone="good"
            title={t`“${importedName}” was imported`}
            alert
            action={
              <ButtonLink size="sm" to={projectPath(projectId, "models", send.data.id)}>
                <Trans>Open the model</Trans>
              </ButtonLink>
            }
          >
            {outputsText(send.data)} {send.data.notes.join(" ")}
          </Note>
        )}
      </Section>
    </Paper>
  );
}

function outputsText({ labels, task }: Model): string {
  const outputs = labels.slice(0, 8).join(", ") + (labels.length > 8 ? " …" : "");
  return task === "regression" ? t`It estimates ${outputs}.` : t`It predicts ${outputs}.`;
}

function leavesOpen(error: Error, kind: FileKind): boolean {
  return kind !== "package" && error instanceof ApiError && error.kind === "InvalidInputError";
}
