import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cardQuery, modelFilePath } from "@/api/models";
import { DownloadLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { Markdown } from "@/components/Markdown";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";

/** The model card that travels with the package; closed at first, as the page says most of it. */
export function ModelCard({ projectId, modelId }: { projectId: string; modelId: string }) {
  const [open, setOpen] = useState(false);
  const card = useQuery({ ...cardQuery(projectId, modelId), enabled: open });
  return (
    <Paper withBorder p="md">
      <Section
        title={t`Model card`}
        actions={
          <DownloadLink
            size="sm"
            href={modelFilePath(projectId, modelId, "card")}
            leftSection={<Icon name="download" size={16} />}
          >
            <Trans>Download model card</Trans>
          </DownloadLink>
        }
      >
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            <Trans>Show the model card, which is part of the model package</Trans>
          </summary>
          <Stack mt="md">
            <Problem error={card.error} title={t`The model card cannot be shown`} />
            {card.isPending && open && <Loading label={t`Loading model card`} />}
            {typeof card.data === "string" && (
              <Box maw={860}>
                <Markdown text={card.data} topLevel={3} />
              </Box>
            )}
          </Stack>
        </details>
      </Section>
    </Paper>
  );
}
