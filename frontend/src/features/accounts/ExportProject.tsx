import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Text } from "@mantine/core";
import { projectExportPath } from "@/api/projects";
import { Icon } from "@/components/icons";
import { Section } from "@/components/Page";

/** Downloads a whole project as one zip; the browser shows how far it is. */
export function ExportProject({ projectId }: { projectId: string }) {
  return (
    <Section title={t`Export the project`}>
      <Text size="sm" c="dimmed" maw="75ch">
        <Trans>
          One zip with everything: original files, signals, labels, readings, models, predictions and evaluations, each
          with its SHA-256. It holds patients' data: keep it encrypted.
        </Trans>
      </Text>
      <Button
        component="a"
        href={projectExportPath(projectId)}
        download
        variant="default"
        leftSection={<Icon name="download" size={16} />}
        style={{ alignSelf: "flex-start" }}
      >
        <Trans>Download the project</Trans>
      </Button>
    </Section>
  );
}
