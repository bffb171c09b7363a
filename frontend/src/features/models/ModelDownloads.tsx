import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu, Text } from "@mantine/core";
import { modelFilePath } from "@/api/models";
import type { Model } from "@/api/types";
import { Icon } from "@/components/icons";
import { bytes } from "@/lib/format";

/** The model as a file: whole, or a part of it. */
export function ModelDownloads({ projectId, model }: { projectId: string; model: Model }) {
  const [onnxSize, weightsSize] = [bytes(model.onnx_bytes), bytes(model.weights_bytes)];
  const files = [
    {
      kind: "package",
      title: t`Model package (.zip, recommended)`,
      help: t`Everything needed to use, verify and fine-tune the model, with its model card.`,
    },
    {
      kind: "onnx",
      title: t`ONNX (${onnxSize})`,
      help: t`The model with its labels and preprocessing, for any software that runs ONNX.`,
    },
    ...(model.weights_bytes > 0
      ? [
          {
            kind: "weights",
            title: t`Weights (.safetensors, ${weightsSize})`,
            help: t`The weights alone, for PyTorch.`,
          } as const,
        ]
      : []),
  ] as const;
  return (
    <Menu position="bottom-end" shadow="md" width={320}>
      <Menu.Target>
        <Button variant="default" leftSection={<Icon name="download" size={16} />}>
          <Trans>Download …</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ kind, title, help }) => (
          <Menu.Item key={kind} component="a" href={modelFilePath(projectId, model.id, kind)} download>
            <Text size="sm" fw={550}>
              {title}
            </Text>
            <Text size="xs" c="dimmed">
              {help}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
