import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Paper, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { libraryQuery } from "@/api/models";
import type { ExchangeModel, Model } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { scoreText } from "@/components/modelOptions";
import { Section } from "@/components/Page";
import { bytes } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { sharedLabels, testText } from "./words";

const MOST = 10;

/** A model of an exchange beside those of this platform that tell the same, each by its own test. */
export function CompareModels({ model }: { model: ExchangeModel }) {
  const library = useQuery(libraryQuery());
  const alike = comparable(library.data?.items ?? [], model).slice(0, MOST);
  if (alike.length === 0) return null;
  return (
    <Paper withBorder p="md">
      <Section title={t`Beside your own models`}>
        <Text size="sm" c="dimmed" maw="75ch">
          <Trans>
            Each number is from the model's own test, on other recordings: it says little of which is better. To know,
            fetch it and evaluate both on the same recordings.
          </Trans>
        </Text>
        <Table.ScrollContainer
          minWidth={520}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": t`Beside your own models` } }}
        >
          <Table aria-label={t`Beside your own models`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Model</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Own test</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Labels in common</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Size</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr>
                <Table.Td fw={600}>{t`${{ name: model.name }} (this one)`}</Table.Td>
                <Table.Td className="numbers">{testText(model)}</Table.Td>
                <Table.Td>
                  <Plural value={model.labels.length} one="# label" other="# labels" />
                </Table.Td>
                <Table.Td ta="right" className="numbers">
                  {bytes(model.size)}
                </Table.Td>
              </Table.Tr>
              {alike.map(({ own, shared }) => (
                <Table.Tr key={own.id}>
                  <Table.Td>
                    <TextLink to={projectPath(own.project_id, "models", own.id)}>{own.name}</TextLink>, “
                    {own.project_name}”
                  </Table.Td>
                  <Table.Td className="numbers">{scoreText(own)}</Table.Td>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{shared.join(", ")}</Table.Td>
                  <Table.Td ta="right" className="numbers">
                    {bytes(own.onnx_bytes + own.weights_bytes)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
    </Paper>
  );
}

/** The models that tell labels, or values, of the same names; those with most in common first. */
export function comparable(models: readonly Model[], model: ExchangeModel): { own: Model; shared: string[] }[] {
  return models
    .filter(
      (own) =>
        own.has_head && own.sha256 !== model.sha256 && (own.task === "regression") === (model.task === "regression"),
    )
    .map((own) => ({ own, shared: sharedLabels(own.labels, model.labels) }))
    .filter(({ shared }) => shared.length > 0)
    .sort((a, b) => b.shared.length - a.shared.length);
}
